"""Copies of translated pages: refused while the translation is incomplete, or made by a machine and not reviewed.

A copy is a page of its own, of which no record says where its texts come from. Readers would take the texts for those
of the department, and no rule would keep them from publication.

Replaces: `check` of Wagtail's actions that copy a page, make an alias of it, and turn an alias into a page, by
    functions that call the original.
Why no hook serves: the hooks of copies and aliases run in the views of the admin, but neither for pages below the
    copied one nor in the admin's API.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_copied_pages.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page

from cms.translations.progress.completeness import refuse_copies_of_unfinished_translations


def refuse_copies() -> None:
    """Let the actions raise ValidationError. Called once, when the applications are ready."""
    _check_before(CopyPageAction, _copied_pages)
    _check_before(CreatePageAliasAction, _copied_pages)
    _check_before(ConvertAliasPageAction, lambda action: Page.objects.filter(aliases=action.page.pk))


def _copied_pages(action: Any) -> Iterable[Page]:
    if not action.reset_translation_key:
        return []  # The copy is the same content in another language.
    pages = Page.objects.filter(pk=action.page.pk)
    return pages | Page.objects.descendant_of(action.page) if action.recursive else pages


def _check_before(action_class: Any, copied_pages: Callable[[Any], Iterable[Page]]) -> None:
    original = action_class.check

    @wraps(original)
    def check(action: Any, *args: Any, **kwargs: Any) -> None:
        original(action, *args, **kwargs)
        refuse_copies_of_unfinished_translations(copied_pages(action))

    action_class.check = check

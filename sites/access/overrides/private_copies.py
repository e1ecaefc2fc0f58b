"""Copies of private pages, and private aliases that become pages of their own, are private too.

A page may be private by another language, by the page above it, or as an alias by its original
(`sites.access.references.private_pages`). Its copy has nothing of these, and would be public at once.

Replaces: `CopyPageAction._copy_page`, which copies the restrictions of the page itself only, and those of the copied
    page instead of their own to the pages below it; and `ConvertAliasPageAction.execute`. Both call the original.
Why no hook serves: the hooks of copies run in the views of the admin, but neither for pages below the copied one nor in
    the admin's API.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/delivery/test_private_copies.py.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.db import transaction
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.models import Page

from sites.access.references.private_pages import keep_private, kept_restrictions

# The attribute of an action with the copies that it has made: pairs of keys, those below a page before it.
_COPIES = "copies_to_restrict"

_copy_page = CopyPageAction._copy_page
_execute = ConvertAliasPageAction.execute


def keep_copies_private() -> None:
    """Replace the methods. To be called once, when the applications are ready."""
    CopyPageAction._copy_page = copy_page
    ConvertAliasPageAction.execute = convert_alias


@wraps(_copy_page)
def copy_page(action: Any, page: Page, *args: Any, **kwargs: Any) -> Page:
    """Copy a page, and restrict the copy as the page is restricted. Replaces Wagtail's method, which calls itself."""
    if not action.reset_translation_key:  # The copy is the same content in another language.
        copied: Page = _copy_page(action, page, *args, **kwargs)
        return copied
    is_outermost = _COPIES not in vars(action)
    copies: list[tuple[Page, Page]] = vars(action).setdefault(_COPIES, [])
    try:
        with transaction.atomic():
            copy: Page = _copy_page(action, page, *args, **kwargs)
            copies.append((page, copy))
            if is_outermost:  # From above: those below are private with it.
                for original, each in reversed(copies):
                    keep_private(each, kept_restrictions(original))
    finally:
        if is_outermost:
            del vars(action)[_COPIES]
    return copy


@wraps(_execute)
def convert_alias(action: Any, *args: Any, **kwargs: Any) -> Page:
    """Make a page of an alias, and restrict it if it was private by its original. Replaces Wagtail's method."""
    with transaction.atomic():
        restrictions = kept_restrictions(action.page)
        page: Page = _execute(action, *args, **kwargs)
        keep_private(page, restrictions)
    return page

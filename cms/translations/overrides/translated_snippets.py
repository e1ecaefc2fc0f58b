"""Translations of a page, without those of related snippets that its sender may not change.

Replaces: `TranslationCreator.create_translations`, by a method that calls the original unless the object is a related
    one of somebody else.
Why no hook serves: wagtail-localize writes a translation of every snippet to which the page refers, and overwrites one
    that exists. The form has a field that leaves out all of them or none, and a view cannot choose.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_overrides.py.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from wagtail_localize.operations import TranslationCreator

from sites.access.permission_policies import instances_with_permission

_create_translations: Any = TranslationCreator.create_translations


def leave_out_foreign_related_objects() -> None:
    """Replace wagtail-localize's method. Called once, when the applications are ready."""
    TranslationCreator.create_translations = create_translations


def create_translations(creator: Any, instance: Model, include_related_objects: bool = True) -> None:
    """Translate an object. The original calls this with False for each related object, and only for these."""
    if include_related_objects or _may_change(instance, creator.user):
        _create_translations(creator, instance, include_related_objects)


def _may_change(snippet: Model, user: Any) -> bool:
    return user is not None and instances_with_permission(type(snippet), user, "change").filter(pk=snippet.pk).exists()

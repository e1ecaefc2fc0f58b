"""Translations of a page, without those of related snippets that its sender may not change, and without handmade ones.

Replaces: `TranslationCreator.create_translations`, by a method that calls the original unless the object is a related
    one of somebody else, and without the languages in which somebody wrote the translation by hand.
Why no hook serves: wagtail-localize writes a translation of every snippet to which the page refers, and of every page
    below it if asked, and overwrites those that exist. The form has a field that leaves out all of them or none, and a
    view cannot choose.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_overrides.py.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from wagtail.models import Locale
from wagtail_localize.models import Translation
from wagtail_localize.operations import TranslationCreator

from sites.access.permission_policies import instances_with_permission

_create_translations: Any = TranslationCreator.create_translations


def leave_out_foreign_related_objects() -> None:
    """Replace wagtail-localize's method. Called once, when the applications are ready."""
    TranslationCreator.create_translations = create_translations


def create_translations(creator: Any, instance: Model, include_related_objects: bool = True) -> None:
    """Translate an object. The original calls this with False for each related object, and only for these."""
    if not include_related_objects and not _may_change(instance, creator.user):
        return
    wanted = creator.target_locales
    creator.target_locales = [locale for locale in wanted if not has_handmade_translation(instance, locale)]
    try:
        _create_translations(creator, instance, include_related_objects)
    finally:
        creator.target_locales = wanted


def has_handmade_translation(instance: Any, locale: Locale) -> bool:
    """Return True if the object exists in the locale, and wagtail-localize does not keep it in step with this one.

    Somebody wrote it there, or stopped its synchronisation to edit it. An alias is neither.
    """
    translation = instance.get_translation_or_none(locale)
    if translation is None or getattr(translation, "alias_of_id", None):
        return False
    kept = Translation.objects.filter(source__object=instance.translation_key, source__locale=instance.locale_id)
    return not kept.filter(target_locale=locale, enabled=True).exists()


def _may_change(snippet: Model, user: Any) -> bool:
    return user is not None and instances_with_permission(type(snippet), user, "change").filter(pk=snippet.pk).exists()

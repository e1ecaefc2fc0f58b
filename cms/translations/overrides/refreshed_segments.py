"""Refreshing the segments of a translation source without losing the translations of changed texts.

Replaces: `TranslationSource.refresh_segments`, by a method that calls the original and then keeps the translations.
Why no hook serves: the form that sends a page for translation, the screen that synchronises it and the product's own
    update all refresh the segments, and wagtail-localize sends no signal that knows the former ones.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_overrides.py.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail_localize.models import TranslationSource

from cms.translations.progress.kept_translations import keep_translations, source_texts

_refresh_segments: Any = TranslationSource.refresh_segments


def keep_translations_of_changed_texts() -> None:
    """Replace wagtail-localize's method. Called once, when the applications are ready."""
    TranslationSource.refresh_segments = refresh_segments


@transaction.atomic
def refresh_segments(source: TranslationSource) -> None:
    """Extract the segments of a source; each changed text keeps its former translation, marked as outdated."""
    former = source_texts(source)
    _refresh_segments(source)
    if former:
        keep_translations(source, former)

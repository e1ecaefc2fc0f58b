"""The source of a translation whose release is being prepared: the draft of the original, not its public version.

Replaces: `TranslationSource.update_from_db`, by a function that calls the original unless a release is planned.
Why no hook serves: wagtail-localize translates the row of a page, which is its public version, and knows no drafts.
    The form that sends a page to translation, the screen that synchronises it and the product's own update all call it.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/releases/test_draft_sources.py.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail_localize.models import TranslationSource, get_schema_version

from cms.translations.models import PlannedRelease

_update_from_db: Any = TranslationSource.update_from_db


def translate_drafts_of_releases() -> None:
    """Replace the method. Called once, when the applications are ready."""
    TranslationSource.update_from_db = update_from_db


def update_from_db(source: TranslationSource) -> None:
    """Read the original, or its latest draft while a release is being prepared, and its segments.

    Raises what the original raises.
    """
    release = PlannedRelease.objects.of_source(source).select_related("page").first()
    if release is None:
        _update_from_db(source)
        return
    draft = release.page.get_latest_revision_as_object()
    with transaction.atomic():
        source.content_json = draft.to_json()
        source.schema_version = get_schema_version(draft._meta.app_label)
        source.object_repr = str(draft)[:200]
        source.last_updated_at = timezone.now()
        source.save(update_fields=["content_json", "schema_version", "object_repr", "last_updated_at"])
        source.refresh_segments()

"""Keeps the edited tables in memory: each search reads a table again if its cache version has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from search.linguistics import synonyms
from search.models import CacheVersion, Promotion, SynonymGroup

from . import promotions

SUBJECTS: dict[type[Model], CacheVersion.Subject] = {
    SynonymGroup: CacheVersion.Subject.SYNONYMS,
    Promotion: CacheVersion.Subject.PROMOTIONS,
}


def refresh_cached_tables() -> None:
    """Read the tables that have changed. One query, and one more for each changed table."""
    versions = CacheVersion.current_versions()
    synonyms.refresh_synonyms(versions.get(CacheVersion.Subject.SYNONYMS), _synonym_rows)
    promotions.refresh_promotions(versions.get(CacheVersion.Subject.PROMOTIONS), _promotion_rows)


def _synonym_rows() -> Iterable[tuple[str, str]]:
    return SynonymGroup.objects.values_list("language", "names").iterator()


def _promotion_rows() -> Iterable[tuple[str | None, str, str, UUID]]:
    rows = Promotion.objects.order_by("position", "pk")
    return rows.values_list("department__slug", "language", "words", "content_id").iterator()


def connect_signals() -> None:
    """Renew a cache version after each change of its table; called once, when the applications are ready."""
    for model in SUBJECTS:
        for signal in (post_save, post_delete):
            signal.connect(_renew_version, sender=model, dispatch_uid=f"search.curation.cached_tables.{model.__name__}")


def _renew_version(sender: type[Model], **kwargs: Any) -> None:
    CacheVersion.renew(SUBJECTS[sender])

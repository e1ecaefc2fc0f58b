"""Brings what people edit in the admin into every search: read again as soon as its edition is another."""

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
    """Have this process search with the newest state. One query, and one more after each change."""
    marks = CacheVersion.current_versions()
    synonyms.refresh_synonyms(marks.get(CacheVersion.Subject.SYNONYMS), _groups)
    promotions.refresh_promotions(marks.get(CacheVersion.Subject.PROMOTIONS), _promotions)


def _groups() -> Iterable[tuple[str, str]]:
    return SynonymGroup.objects.values_list("language", "names").iterator()


def _promotions() -> Iterable[tuple[str | None, str, str, UUID]]:
    rows = Promotion.objects.order_by("position", "pk")
    return rows.values_list("department__slug", "language", "words", "content_id").iterator()


def connect_signals() -> None:
    """Follow changes of the tables, wherever they come from; called once, when the applications are ready."""
    for model in SUBJECTS:
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid=f"search.curation.cached_tables.{model.__name__}")


def _changed(sender: type[Model], **kwargs: Any) -> None:
    CacheVersion.renew(SUBJECTS[sender])

"""Brings what people edit in the admin into every search: read again as soon as its edition is another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models.signals import post_delete, post_save

from . import synonyms
from .models import Edition, SynonymGroup


def refresh() -> dict[str, UUID]:
    """Have this process search with the newest state; return the marks by subject.

    One query, and one more after each change.
    """
    marks = Edition.marks()
    synonyms.refresh(
        marks.get(Edition.Subject.SYNONYMS), lambda: SynonymGroup.objects.values_list("language", "names").iterator()
    )
    return marks


def connect() -> None:
    """Follow changes of the tables, wherever they come from; called once, when the applications are ready."""
    for signal in (post_save, post_delete):
        signal.connect(_synonyms_changed, sender=SynonymGroup, dispatch_uid="search.editorial.synonyms")


def _synonyms_changed(**kwargs: Any) -> None:
    Edition.renew(Edition.Subject.SYNONYMS)

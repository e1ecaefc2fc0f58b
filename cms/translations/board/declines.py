"""Declines of requested translations: they are stored, loaded and taken back here."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale

from cms.translations.models import DeclinedTranslation, RequestedTranslation
from sites.models import Department

from .assignments import CellKey


@dataclass(frozen=True)
class Decline:
    """The reason of a decline, its author (key of an account) and its time."""

    reason: str
    declined_by: int | None
    declined_at: datetime.datetime


def load_declines(
    department: Department, locales: Collection[Locale], keys: Collection[UUID] | None = None
) -> dict[tuple[UUID, int], Decline]:
    """Return what was declined, by content (translation key) and key of the language; only of `keys` if given.

    One query.
    """
    rows = DeclinedTranslation.objects.filter(page__path__startswith=department.container.path, locale__in=locales)
    if keys is not None:
        rows = rows.filter(page__translation_key__in=keys)
    values = rows.values_list("page__translation_key", "locale", "reason", "declined_by", "declined_at")
    return {(key, locale): Decline(reason, by, at) for key, locale, reason, by, at in values}


@transaction.atomic
def decline(cells: Collection[CellKey], reason: str, user: Any) -> None:
    """Store a decline of each of these translations. A request that still waits ends, so that no page is made."""
    rows = [
        DeclinedTranslation(page_id=page, locale_id=locale, reason=reason, declined_by=user, declined_at=timezone.now())
        for page, locale in cells
    ]
    DeclinedTranslation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("page", "locale"),
        update_fields=("reason", "declined_by", "declined_at"),
    )
    _delete(RequestedTranslation, cells)


def take_back(cells: Iterable[CellKey]) -> None:
    """Delete the declines of these translations, because somebody requests them again."""
    _delete(DeclinedTranslation, cells)


def _delete(model: type[DeclinedTranslation | RequestedTranslation], cells: Iterable[CellKey]) -> None:
    """Delete the rows of these cells. One query for each language."""
    cells = list(cells)
    for locale in {locale for _page, locale in cells}:
        model.objects.filter(locale=locale, page__in=[page for page, other in cells if other == locale]).delete()

"""The characters that a department may send to translation services on one day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from cms.translations.models import MachineUsage
from sites.models import Department

RETENTION = datetime.timedelta(days=31)


@dataclass(frozen=True)
class DailyUse:
    """The characters that were sent today, and the limit."""

    sent: int
    limit: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.sent)


def characters_per_draft() -> int:
    """Return the characters that the texts of one draft may have."""
    return int(settings.MACHINE_TRANSLATION["characters_per_draft"])


def daily_use(department: Department) -> DailyUse:
    """Return the use of the present day of a department. One query."""
    sent = MachineUsage.objects.filter(department=department, day=department.local_day).values_list("characters")
    return DailyUse(next((number for (number,) in sent), 0), settings.MACHINE_TRANSLATION["characters_per_day"])


def reserve(department: Department, characters: int) -> datetime.date | None:
    """Count characters before they are sent; return the day, or None if they are beyond the limit of the day.

    One statement, so that two workers together stay below the limit.
    """
    day, limit = department.local_day, settings.MACHINE_TRANSLATION["characters_per_day"]
    MachineUsage.objects.get_or_create(department=department, day=day)
    rows = MachineUsage.objects.filter(department=department, day=day, characters__lte=limit - characters)
    return day if rows.update(characters=F("characters") + characters) else None


def give_back(department: Department, day: datetime.date, characters: int) -> None:
    """Take back the characters of a request that the service has refused, which costs nothing."""
    rows = MachineUsage.objects.filter(department=department, day=day, characters__gte=characters)
    rows.update(characters=F("characters") - characters)


def delete_old_use() -> None:
    """Delete the counts of former months. Only `nightly` calls it."""
    MachineUsage.objects.filter(day__lt=(timezone.now() - RETENTION).date()).delete()

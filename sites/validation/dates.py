"""Validation of dates, years and local times that are well-formed and yet impossible."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _

# A date outside these years is a slip of the keyboard. Years of foundation reach further back.
FIRST_YEAR, LAST_YEAR = 1900, 2100
FIRST_HISTORICAL_YEAR = 1800
YEAR_VALIDATORS = (MinValueValidator(FIRST_HISTORICAL_YEAR), MaxValueValidator(LAST_YEAR))


def validate_plausible_date(value: Any) -> None:
    """Raise ValidationError for a date, or a date with time, whose year is far out of range."""
    if isinstance(value, datetime.date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValidationError(
            _("The year %(year)s is out of range: give a date from %(first)s to %(last)s, or none."),
            code="implausible_date",
            params={"year": f"{value.year:04}", "first": FIRST_YEAR, "last": LAST_YEAR},
        )


def validate_partial_date(value: str) -> None:
    """Raise ValidationError for anything but an ISO 8601 year, month or day that exists: 2020, 2020-03, 2020-03-27."""
    parts = value.split("-")
    complete = "-".join([*parts, "01", "01"][:3])
    try:
        is_date = len(value) in (4, 7, 10) and datetime.date.fromisoformat(complete).isoformat() == complete
    except ValueError:
        is_date = False
    if not is_date:
        raise ValidationError(_("Enter a year, a month or a day: 2020, 2020-03 or 2020-03-27."), code="invalid")
    if not FIRST_HISTORICAL_YEAR <= int(parts[0]) <= LAST_YEAR:
        message = _("The year %(year)s is out of range: give one from %(first)s to %(last)s.")
        params = {"year": parts[0], "first": FIRST_HISTORICAL_YEAR, "last": LAST_YEAR}
        raise ValidationError(message, code="implausible_date", params=params)


def is_skipped(date: datetime.date, time: datetime.time, zone: str) -> bool:
    """Return True for a local time that does not exist, because the clocks are put forward over it."""
    local = datetime.datetime.combine(date, time, zoneinfo.ZoneInfo(zone))
    return local.astimezone(datetime.UTC).astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None)


def is_repeated(date: datetime.date, time: datetime.time, zone: str) -> bool:
    """Return True for a local time that exists twice, because the clocks are put back over it."""
    local = datetime.datetime.combine(date, time, zoneinfo.ZoneInfo(zone))
    return not is_skipped(date, time, zone) and local.utcoffset() != local.replace(fold=1).utcoffset()


def skipped_time_message(date: datetime.date, time: datetime.time, zone: str) -> str:
    """Return the message about a local time that does not exist."""
    return _("On %(date)s, %(time)s does not exist in the time zone %(zone)s: the clocks are put forward then.") % {
        "date": date.isoformat(),
        "time": f"{time:%H:%M}",
        "zone": zone,
    }


def odd_moment_message(moment: datetime.datetime, zone: str) -> str:
    """Return the message about a naive date and time that does not exist in a zone, or exists twice."""
    date, time = moment.date(), moment.time()
    if is_skipped(date, time, zone):
        return skipped_time_message(date, time, zone)
    return _(
        "On %(date)s, %(time)s exists twice in the time zone %(zone)s, because the clocks are put back then: give a "
        "time before or after this hour."
    ) % {"date": date.isoformat(), "time": f"{time:%H:%M}", "zone": zone}


def repeated_time_message(date: datetime.date, time: datetime.time, zone: str) -> str:
    """Return the message that says which of two equal local times is published."""
    local = datetime.datetime.combine(date, time, zoneinfo.ZoneInfo(zone))
    return _(
        "On %(date)s, %(time)s exists twice in the time zone %(zone)s, because the clocks are put back. The first of "
        "both is published (%(moment)s)."
    ) % {"date": date.isoformat(), "time": f"{time:%H:%M}", "zone": zone, "moment": local.isoformat(timespec="minutes")}

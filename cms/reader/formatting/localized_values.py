"""Dates, times, amounts, countries and languages in the notation of the active language (CLDR, through Babel)."""

from __future__ import annotations

import datetime
import math
import zoneinfo
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError, dates, numbers, units
from django.utils import translation

# CLDR's "en" is American English; English pages are for European partners.
_REGIONAL = {"en": "en-GB"}


@lru_cache
def babel_locale(code: str) -> Locale:
    """Return the CLDR locale of a BCP 47 code, or British English if CLDR has none."""
    try:
        return Locale.parse(_REGIONAL.get(code, code), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


def _active() -> Locale:
    return babel_locale(translation.get_language() or "en")


def _moment(value: str, time_zone: str = "") -> datetime.datetime | datetime.date:
    """Parse an ISO 8601 date, or date and time; convert a time with UTC offset to `time_zone` if one is given."""
    if len(value) == len("2024-04-02"):
        return datetime.date.fromisoformat(value)
    moment = datetime.datetime.fromisoformat(value)
    return moment.astimezone(zoneinfo.ZoneInfo(time_zone)) if time_zone and moment.tzinfo else moment


def _date(value: str, time_zone: str = "") -> datetime.date:
    moment = _moment(value, time_zone)
    return moment.date() if isinstance(moment, datetime.datetime) else moment


def weekday_date(value: str, time_zone: str = "") -> str:
    """Return an ISO date or instant as a date with its weekday: "Tuesday, 2 April 2024"."""
    return dates.format_date(_date(value, time_zone), "full", locale=_active())


def long_date(value: str) -> str:
    """Return an ISO date or instant as "2 April 2024"."""
    return dates.format_date(_date(value), "long", locale=_active())


def partial_date(value: str) -> str:
    """Return a partial date (`2020`, `2020-03`, `2020-03-27`) in words, or any other text unchanged."""
    try:
        match value.count("-"):
            case 1:
                month = datetime.date.fromisoformat(f"{value}-01")
                return dates.format_skeleton("yMMMM", month, locale=_active())
            case 2:
                return long_date(value)
    except ValueError:
        pass
    return value


def local_time(value: str | None, time_zone: str = "") -> str:
    """Return the local time of an instant ("09:15"); "" for a date without time."""
    moment = _moment(value, time_zone) if value else None
    if not isinstance(moment, datetime.datetime):
        return ""
    # Without the offset: Babel converts a time with an offset to UTC.
    return dates.format_time(moment.time(), "short", locale=_active())


def date_and_time(value: str, time_zone: str = "") -> str:
    """Return an instant as "2 April 2024, 09:15", or a date as "2 April 2024"."""
    return ", ".join(filter(None, (long_date(value), local_time(value, time_zone))))


def is_same_day(start: str, end: str | None, time_zone: str = "") -> bool:
    """Return True if there is no end, or if it is on the day of the start."""
    return not end or _date(start, time_zone) == _date(end, time_zone)


def time_zone_name(name: str) -> str:
    """Return the name of an IANA time zone: "Central European Time"."""
    return dates.get_timezone_name(zoneinfo.ZoneInfo(name), width="long", locale=_active())


def number(value: float) -> str:
    return numbers.format_decimal(value, locale=_active())


def money(amount: str | float, currency: str) -> str:
    """Return an amount with its currency; a whole amount has no decimals."""
    exact = Decimal(str(amount))
    pattern = _active().currency_formats["standard"].pattern
    if exact == exact.to_integral_value():
        pattern = pattern.replace(".00", "")
    return numbers.format_currency(exact, currency, pattern, locale=_active(), currency_digits=False)


def months(count: int) -> str:
    """Return a duration as "3 years" if it is a number of whole years, else as "18 months"."""
    # Not format_unit: it does not follow CLDR's aliases, which Italian needs for the long forms.
    years, rest = divmod(count, 12)
    granularity: Literal["month", "year"] = "month" if rest else "year"
    length = datetime.timedelta(days=30 * count if rest else 365 * years)
    return dates.format_timedelta(length, granularity=granularity, threshold=math.inf, locale=_active())


def duration(seconds: int) -> str:
    """Return a duration as "3 mins 20 secs", with the abbreviations of the language."""
    minutes, rest = divmod(int(seconds), 60)
    return " ".join(
        units.format_unit(amount, f"duration-{unit}", "short", locale=_active())
        for amount, unit in ((minutes, "minute"), (rest, "second"))
        if amount
    )


def country(code: str) -> str:
    """Return the name of an ISO 3166-1 country, or the code if CLDR has no name."""
    return _active().territories.get(code, code)


def language(code: str) -> str:
    """Return the name of a BCP 47 language in the active language: "Italian"."""
    return _language_name(code, _active())


def own_language_name(code: str) -> str:
    """Return the name of a language in that language, capitalised: "Italiano"."""
    name = _language_name(code, babel_locale(code))
    return name[:1].upper() + name[1:]


def _language_name(code: str, target: Locale) -> str:
    try:
        return Locale.parse(code, sep="-").get_display_name(target) or code
    except (UnknownLocaleError, ValueError):
        return code

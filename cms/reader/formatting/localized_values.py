"""Dates, times, amounts, countries and languages as the active language writes them (CLDR, through Babel)."""

from __future__ import annotations

import datetime
import math
import zoneinfo
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError, dates, numbers, units
from django.utils import translation

# The readers of English pages are European partners: CLDR's plain "en" is American.
_REGIONAL = {"en": "en-GB"}


@lru_cache
def babel_locale(code: str) -> Locale:
    """Return the CLDR locale of a BCP 47 code; English for one that CLDR does not have."""
    try:
        return Locale.parse(_REGIONAL.get(code, code), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


def _active() -> Locale:
    return babel_locale(translation.get_language() or "en")


def _moment(value: str, time_zone: str = "") -> datetime.datetime | datetime.date:
    """Read an ISO 8601 date, or a date and time, which is moved to `time_zone` when one is given."""
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
    """Return a date as exact as it is known (`2020`, `2020-03`, `2020-03-27`); any other text as it is."""
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
    # Babel would convert a time with an offset to UTC.
    return dates.format_time(moment.time(), "short", locale=_active())


def date_and_time(value: str, time_zone: str = "") -> str:
    """Return an instant as "2 April 2024, 09:15"; a date without time as the date."""
    return ", ".join(filter(None, (long_date(value), local_time(value, time_zone))))


def is_same_day(start: str, end: str | None, time_zone: str = "") -> bool:
    """Whether an end is missing or on the day of the start."""
    return not end or _date(start, time_zone) == _date(end, time_zone)


def time_zone_name(name: str) -> str:
    """Return an IANA time zone in words: "Central European Time"."""
    return dates.get_timezone_name(zoneinfo.ZoneInfo(name), width="long", locale=_active())


def number(value: float) -> str:
    return numbers.format_decimal(value, locale=_active())


def money(amount: str | float, currency: str) -> str:
    """Return an amount with its currency, without ",00" when it is whole."""
    exact = Decimal(str(amount))
    pattern = _active().currency_formats["standard"].pattern
    if exact == exact.to_integral_value():
        pattern = pattern.replace(".00", "")
    return numbers.format_currency(exact, currency, pattern, locale=_active(), currency_digits=False)


def months(count: int) -> str:
    """Return a duration in months as "3 years" when it is whole years, else "18 months"."""
    # Not format_unit: it does not follow CLDR's aliases, and Italian has its long forms behind one.
    years, rest = divmod(count, 12)
    granularity: Literal["month", "year"] = "month" if rest else "year"
    length = datetime.timedelta(days=30 * count if rest else 365 * years)
    return dates.format_timedelta(length, granularity=granularity, threshold=math.inf, locale=_active())


def duration(seconds: int) -> str:
    """Return a duration as "3 mins 20 secs", in the language's own abbreviations."""
    minutes, rest = divmod(int(seconds), 60)
    return " ".join(
        units.format_unit(amount, f"duration-{unit}", "short", locale=_active())
        for amount, unit in ((minutes, "minute"), (rest, "second"))
        if amount
    )


def country(code: str) -> str:
    """Return the name of an ISO 3166-1 country; the code itself when CLDR has none."""
    return _active().territories.get(code, code)


def language(code: str) -> str:
    """Return the name of a BCP 47 language in the active one: "Italian"."""
    return _language_name(code, _active())


def own_language_name(code: str) -> str:
    """Return the name of a language in itself, with a capital: "Italiano"."""
    name = _language_name(code, babel_locale(code))
    return name[:1].upper() + name[1:]


def _language_name(code: str, target: Locale) -> str:
    try:
        return Locale.parse(code, sep="-").get_display_name(target) or code
    except (UnknownLocaleError, ValueError):
        return code

"""A country, stored as its ISO 3166-1 alpha-2 code."""

from __future__ import annotations

import functools
import re

from babel import Locale
from django.utils.translation import get_language
from wagtail import blocks

from sites.unicode_forms import normalise

# CLDR also lists continents ("001"), codes that ISO 3166 only reserves, and pseudo-countries. ISO 3166 does not assign
# XK, but the European Union uses it for Kosovo, so XK stays.
_ALPHA_2 = re.compile(r"^[A-Z]{2}\Z")
_NOT_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
COUNTRY_CODES = frozenset(
    code for code in map(str, Locale("en").territories) if _ALPHA_2.match(code) and code not in _NOT_COUNTRIES
)


def country_name(code: str, language: str) -> str:
    """Return the CLDR name of a country in a language, or the code if CLDR has no name."""
    return str(Locale.parse(language, sep="-").territories.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Return (code, name) of every country in the active language, sorted by name."""
    return list(_choices_in(get_language() or "en"))


@functools.cache
def _choices_in(language: str) -> tuple[tuple[str, str], ...]:
    """Return the choices in a language. Cached, because a page makes dozens of fields for one block."""
    choices = ((code, country_name(code, language)) for code in COUNTRY_CODES)
    return tuple(sorted(choices, key=lambda choice: _sort_key(choice[1])))


def _sort_key(name: str) -> str:
    """Return a name without accents and case, as sort key: É is sorted with E."""
    return normalise("NFKD", name).encode("ascii", "ignore").decode().casefold()


class CountryBlock(blocks.ChoiceBlock):
    """A choice of the countries of ISO 3166-1."""

    choices = staticmethod(country_choices)

    class Meta:
        icon = "globe"

"""A country, stored as its ISO 3166-1 alpha-2 code."""

from __future__ import annotations

import re
import unicodedata

from babel import Locale
from django.utils.translation import get_language
from wagtail import blocks

# CLDR's list also holds continents ("001"), codes that ISO 3166 only reserves, and pseudo-countries. XK stays: it is
# assigned by nobody, but the European Union itself uses it for Kosovo.
_ALPHA_2 = re.compile(r"^[A-Z]{2}\Z")
_NOT_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
COUNTRY_CODES = frozenset(
    code for code in map(str, Locale("en").territories) if _ALPHA_2.match(code) and code not in _NOT_COUNTRIES
)


def country_name(code: str, language: str) -> str:
    """Return a country's name in a language (CLDR); the code itself when it has none."""
    return str(Locale.parse(language, sep="-").territories.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Return (code, name) of every country in the active language, by name."""
    language = get_language() or "en"
    return sorted(
        ((code, country_name(code, language)) for code in COUNTRY_CODES), key=lambda choice: _folded(choice[1])
    )


def _folded(name: str) -> str:
    """Return a name without accents and case, to sort by: É stands with E."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


class CountryBlock(blocks.ChoiceBlock):
    """A country of ISO 3166-1."""

    choices = staticmethod(country_choices)

    class Meta:
        icon = "globe"

"""What a reader asks: the words of `q` and the values to narrow by, apart from any engine."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.conf import settings

from search.linguistics.languages import language_codes

# A pair of quotes, or one that was never closed and then means nothing.
PHRASE = re.compile(r'(?P<minus>(?<!\S)-)?["“”«»](?P<words>[^"“”«»]*)["“”«»]')
EXCLUDED = re.compile(r"(?<!\S)-(?=[^\W_])(?P<word>\S+)")

# Words and phrases that are looked at: enough for a long question, and engines ask for each in many ways.
MAX_WORDS = 32
MAX_PHRASES = 8

# Facets of an answer and what a query narrows by; the names are those of the API's parameters.
FACETS = ("department", "type", "locale", "profession", "country", "audience", "tag")
SORTS = ("relevance", "date", "title")


@dataclass(frozen=True)
class QueryWords:
    """The words of a query: those that may match, phrases that must, and what must not.

    Nothing in them is syntax any more; operators of search engines (`AND`, `*`, `field:`) are words like others.
    """

    text: str = ""
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.phrases)


@dataclass(frozen=True)
class SearchQuery:
    """One question to an engine. `locales` is the language asked for and its fallbacks, in order; () means all.

    `filters` has values by name of facet; several values of one facet widen it. `from_day` and `to_day` keep what has
    a day in between. `offset` and `limit` cut the hits. `promoted` are keys of documents that match and come first, in
    this order, whatever their words; what narrows the query holds for them too.
    """

    words: QueryWords = field(default_factory=QueryWords)
    locales: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    concept: str = ""
    from_day: datetime.date | None = None
    to_day: datetime.date | None = None
    sort: str = "relevance"
    promoted: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 20

    @property
    def is_plain(self) -> bool:
        """Whether what is near to it may be shown too: words alone, without quotes or minus, the best first."""
        return bool(self.words.text) and not (self.words.phrases or self.words.excluded) and self.sort == "relevance"

    @property
    def has_facet_filters(self) -> bool:
        """Whether something narrows the question besides the site where it is asked."""
        return any(values for name, values in self.filters.items() if name != "department")

    @property
    def without_facet_filters(self) -> SearchQuery:
        """The same question before anything was ticked to narrow it, on the site where it is asked."""
        return replace(self, filters={name: values for name, values in self.filters.items() if name == "department"})


def fallback_chain(locale: str) -> tuple[str, ...]:
    """Return the language asked for and those that stand in for it: English, French, then every other one."""
    known = language_codes()
    return tuple(dict.fromkeys([locale, *(code for code in settings.SEARCH_FALLBACKS if code in known), *known]))


def parse_words(q: str) -> QueryWords:
    """Read what somebody typed; there is no wrong query. Repetitions, and what comes after the limits, do not count."""
    phrases: list[str] = []
    excluded: list[str] = []

    def take_phrase(match: re.Match[str]) -> str:
        words = " ".join(match["words"].split())
        if words:
            (excluded if match["minus"] else phrases).append(words)
        return " "

    def take_excluded(match: re.Match[str]) -> str:
        excluded.append(match["word"])
        return " "

    # Some systems write an accent as a letter of its own, and engines replace and mark words by where they stand.
    q = unicodedata.normalize("NFC", q)
    rest = EXCLUDED.sub(take_excluded, PHRASE.sub(take_phrase, q))
    return QueryWords(
        " ".join(_first(rest.split(), MAX_WORDS)), _first(phrases, MAX_PHRASES), _first(excluded, MAX_WORDS)
    )


def _first(words: Iterable[str], most: int) -> tuple[str, ...]:
    once: dict[str, str] = {}
    for word in words:
        once.setdefault(word.casefold(), word)
    return tuple(once.values())[:most]

"""A search query: its words, filters, order and page, independent of the engines."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.conf import settings

from search.facets import SITE_FACET
from search.linguistics.languages import language_codes

# A pair of quotes. A single quote is ignored.
PHRASE = re.compile(r'(?P<minus>(?<!\S)-)?["“”«»](?P<words>[^"“”«»]*)["“”«»]')
EXCLUDED = re.compile(r"(?<!\S)-(?=[^\W_])(?P<word>\S+)")

# Limits of a query: enough for a long question. Each word becomes many clauses of an engine's query.
MAX_QUERY_LENGTH = 400  # characters; the API and the search page enforce it
MAX_WORDS = 32
MAX_PHRASES = 8

SORTS = ("relevance", "date", "title")


@dataclass(frozen=True)
class QueryWords:
    """The words of a query: `text` may match, `phrases` must match, `excluded` must not.

    They contain no syntax: operators of search engines (`AND`, `*`, `field:`) are words like others.
    """

    text: str = ""
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.phrases)


@dataclass(frozen=True)
class SearchQuery:
    """A query to an engine.

    `locales` is the language of the answer followed by its fallbacks; () means all languages. `filters` has values by
    facet name; a document needs one of the values of each facet. `from_day` and `to_day` keep documents with a day in
    between. `offset` and `limit` select a page of hits. `promoted` are keys of documents that come first, in this
    order, whether they match the words or not; all filters apply to them too.
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
        """Return True for words without phrases and exclusions, sorted by relevance: related hits may be added."""
        return bool(self.words.text) and not (self.words.phrases or self.words.excluded) and self.sort == "relevance"

    @property
    def has_facet_filters(self) -> bool:
        """Return True if a facet other than the site's department is filtered."""
        return any(values for name, values in self.filters.items() if name != SITE_FACET)

    @property
    def without_facet_filters(self) -> SearchQuery:
        """Return the query with the filter of the site's department only."""
        return replace(self, filters={name: values for name, values in self.filters.items() if name == SITE_FACET})


def fallback_chain(locale: str) -> tuple[str, ...]:
    """Return the language followed by its fallbacks: those of SEARCH_FALLBACKS, then all other languages."""
    known = language_codes()
    return tuple(dict.fromkeys([locale, *(code for code in settings.SEARCH_FALLBACKS if code in known), *known]))


def parse_words(q: str) -> QueryWords:
    """Parse the text that somebody types. Every text is valid; repetitions and words beyond the limits are dropped."""
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

    # Some systems send decomposed accents. Engines correct and highlight words by position in composed text.
    q = unicodedata.normalize("NFC", q)
    rest = EXCLUDED.sub(take_excluded, PHRASE.sub(take_phrase, q))
    return QueryWords(
        " ".join(_first_different(rest.split(), MAX_WORDS)),
        _first_different(phrases, MAX_PHRASES),
        _first_different(excluded, MAX_WORDS),
    )


def _first_different(words: Iterable[str], limit: int) -> tuple[str, ...]:
    """Return up to `limit` words that differ in more than case."""
    by_casefold: dict[str, str] = {}
    for word in words:
        by_casefold.setdefault(word.casefold(), word)
    return tuple(by_casefold.values())[:limit]

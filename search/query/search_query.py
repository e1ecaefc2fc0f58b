"""A search query: its words, filters, order and page, independent of the engines."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from django.conf import settings

from search.facets import SITE_FACET
from search.linguistics.languages import language_codes
from sites.unicode_forms import normalise

# A pair of quotes. A single quote is ignored.
PHRASE = re.compile(r'(?P<minus>(?<!\S)-)?["“”«»](?P<words>[^"“”«»]*)["“”«»]')
EXCLUDED = re.compile(r"(?<!\S)-(?=[^\W_])(?P<word>\S+)")

# Limits of a query: enough for a long question. Each word becomes many clauses of an engine's query, so the words after
# analysis are counted: "l'aide" and "assistant·e" are two, and so is a character of a script without spaces.
MAX_QUERY_LENGTH = 400  # characters; the API and the search page enforce it
MAX_WORDS = 32
MAX_PHRASES = 8
# Thai to Myanmar, Khmer, and Chinese and Japanese characters: analyzers make a word of each.
SINGLE = "\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff"
ANALYZED = re.compile(rf"[{SINGLE}]|[^\W_{SINGLE}]+")
# Symbols that Elasticsearch makes a word of; no document is found by them.
EMOJI_PUNCTUATION = "‼⁉〰〽"

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
    q = _without_symbols(normalise("NFC", q)[:MAX_QUERY_LENGTH])
    rest = EXCLUDED.sub(take_excluded, PHRASE.sub(take_phrase, q))
    return QueryWords(
        " ".join(_first_different(rest.split(), MAX_WORDS)),
        _first_different(phrases, MAX_WORDS)[:MAX_PHRASES],
        _first_different(excluded, MAX_WORDS),
    )


def _without_symbols(text: str) -> str:
    """Return the text with spaces in place of symbols outside ASCII, such as emoji; one symbol if nothing is left."""
    if text.isascii():
        return text
    without_symbols = "".join(
        " "
        if not character.isascii()
        and (unicodedata.category(character).startswith("S") or character in EMOJI_PUNCTUATION)
        else character
        for character in text
    )
    # An empty query would show all documents.
    return without_symbols if without_symbols.strip() else text.strip()[:1]


def _first_different(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    """Return the first texts that differ in more than case, up to `limit` words after analysis. The last may be cut."""
    by_casefold: dict[str, str] = {}
    for text in texts:
        if limit <= 0:
            break
        text, number = first_words(text, limit)
        if text.casefold() not in by_casefold:
            by_casefold[text.casefold()] = text
            limit -= number
    return tuple(by_casefold.values())


def first_words(text: str, limit: int) -> tuple[str, int]:
    """Return the text up to its word number `limit` and the number of its words.

    A text without any word counts as one.
    """
    words = list(islice(ANALYZED.finditer(text), limit + 1))
    if len(words) > limit:
        text = text[: words[limit - 1].end()]
    return text, max(1, min(len(words), limit))

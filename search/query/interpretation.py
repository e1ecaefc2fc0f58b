"""Reads a query as words of one language: which of them are one name, what else it is called, and which only ask.

Both engines build their queries from what stands here, so that the same words mean the same to both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from math import ceil

from search.linguistics.glossary import (
    SHARED_PREFIX,
    SHARED_PREFIX_IN_DOCUMENT_LANGUAGE,
    SHARED_PREFIX_IN_OTHER_LANGUAGES,
    TokenizedQuery,
    glossary,
    paraphrases,
    tokenize_query,
)
from search.linguistics.languages import language_of
from search.linguistics.synonyms import name_terms, synonyms_of
from search.linguistics.tokens import Token, tokens

from .ranking import ranking


class RelaxationLevel(IntEnum):
    """How much of a query must match; an engine goes on to the next while the hits are few."""

    ALL = 0
    HALF = 1
    ANY = 2


# Of more words than this not all have to match at first, but this share of them.
MAX_FULLY_REQUIRED_TERMS = 3
REQUIRED_SHARE = 0.75
# More names than this make a query slow, and say little.
MAX_EXPANSIONS = 16
# What the ways of a word that are not the best add to it; and how far apart words may stand that belong together.
TIE_BREAKER = 0.15
PHRASE_SLOP = 3
MAX_WHOLE_PHRASE_WORDS = 3
# So few hits are few: what has only some of the words comes after them.
ENOUGH_HITS = 8


@dataclass(frozen=True)
class Expansion:
    """What something is called: as it is written, as the terms that it is found by, and what a match is worth."""

    text: str
    terms: tuple[str, ...]
    boost: float


@dataclass(frozen=True)
class QueryTerm:
    """A word of a query, or several that are one name, and other names of the same thing.

    `words` is empty where the language has only stop words. What `asks` need not match. `parts` are the places that the
    words would be if they were no name.
    """

    tokens: tuple[Token, ...]
    expansions: tuple[Expansion, ...] = ()
    is_optional: bool = False
    parts: tuple[QueryTerm, ...] = ()


Span = tuple[int, int]  # first and last character
ExpansionsBySpan = dict[Span, dict[tuple[str, ...], Expansion]]


def interpret_query(text: str, code: str, languages: Sequence[str]) -> list[QueryTerm]:
    """Return the places of a query in the order of its words, read as the language `code`.

    `languages` are those in which it may have been written: names of their glossaries lead to those of `code`.
    """
    own = _of_the_question(list(tokens(text, code)), text, code, languages)
    found: ExpansionsBySpan = defaultdict(dict)
    _add(found, (*_synonyms(own, code), *_translations(text, own, code, languages)))
    told: ExpansionsBySpan = defaultdict(dict)
    _add(told, _paraphrase_expansions(text, code, languages))
    for span in told.keys() - found.keys():
        # Nobody calls it so: what is told takes no word away from what is called by its name.
        _add(told, ((span, name) for inner, names in found.items() if _is_in(inner, span) for name in names.values()))
    _add(found, ((span, name) for span, names in told.items() for name in names.values()))
    return _places(own, found, _asking(code))


def _add(found: ExpansionsBySpan, names: Iterable[tuple[Span, Expansion]]) -> None:
    for span, name in names:
        if name.terms not in found[span] or found[span][name.terms].boost < name.boost:
            found[span][name.terms] = name


def _is_in(inner: Span, span: Span) -> bool:
    return span[0] <= inner[0] and inner[1] <= span[1]


def _places(own: list[Token], found: ExpansionsBySpan, asking: frozenset[str]) -> list[QueryTerm]:
    chosen = _apart(found)
    places = [(span, _place(own, span, found, asking)) for span in chosen]
    for token in own:
        if not any(_is_in((token.start, token.end), span) for span in chosen):
            places.append(((token.start, token.end), QueryTerm((token,), is_optional=token.term in asking)))
    return [place for _span, place in sorted(places, key=lambda each: each[0])]


def required_term_count(places: Sequence[QueryTerm], width: RelaxationLevel) -> int:
    """Return how many of the places that do not only ask must match; 0 when all of them ask."""
    number = sum(not place.is_optional for place in places)
    if width is RelaxationLevel.ALL:
        return number if number <= MAX_FULLY_REQUIRED_TERMS else ceil(number * REQUIRED_SHARE)
    return min(number, 1) if width is RelaxationLevel.ANY or number <= 2 else round(number / 2)


def required_token_count(words: int, width: RelaxationLevel) -> int:
    """Return how many words of a name must match where they do not stand together."""
    return words if width is not RelaxationLevel.ANY else ceil(words / 2)


def proximity_phrases(words: list[str]) -> list[list[str]]:
    """Return the words that are worth more when they stand together: a short question as a whole, else each two."""
    if len(words) <= MAX_WHOLE_PHRASE_WORDS:
        return [words]
    return [words[place : place + 2] for place in range(len(words) - 1)]


def _of_the_question(own: list[Token], text: str, code: str, languages: Sequence[str]) -> list[Token]:
    """Leave out what only asks, or says nothing, in the language that the query is most probably in."""
    first = languages[0]
    if first == code:
        return own
    meant = [token for token in tokens(text, first) if token.term not in _asking(first)]
    return [each for each in own if any(each.start < token.end and token.start < each.end for token in meant)]


def has_several_terms(text: str, languages: Sequence[str]) -> bool:
    """Whether a document may have more or fewer of a query: it has more than one word, read as its first language."""
    return (
        sum(len(place.tokens) for place in interpret_query(text, languages[0], languages) if not place.is_optional) > 1
    )


def allows_related_hits(text: str, languages: Sequence[str]) -> bool:
    """Whether what is like the best answer may be meant too: not by one word that is no name of the field."""
    return has_several_terms(text, languages) or any(
        place.expansions for code in languages for place in interpret_query(text, code, languages)
    )


def _synonyms(own: list[Token], code: str) -> Iterator[tuple[Span, Expansion]]:
    synonyms, terms = synonyms_of(code), tuple(token.term for token in own)
    factor = ranking().words["synonym"]
    for place in range(len(own)):
        for length, others in synonyms.names_at(terms, place):
            for other in others:
                yield (own[place].start, own[place + length - 1].end), Expansion(synonyms.written[other], other, factor)


def _translations(text: str, own: list[Token], code: str, languages: Sequence[str]) -> Iterator[tuple[Span, Expansion]]:
    """Yield names of the glossary, and what these are called besides: an abbreviation leads to them and they to it."""
    for source in dict.fromkeys((code, *languages)):
        # Abbreviations and stems are short: what they mean in a language that nobody writes in here is chance.
        is_expected = source in (code, *languages[:1])
        prefix_length = _same_letters(source, code, languages[0])
        written = own if source == code else list(tokens(text, source))
        asked = tokenize_query(text, written)
        for place in range(len(written)):
            for length, entries in _entries(asked, place, source, prefix_length, with_synonyms=is_expected):
                itself = asked.terms[place : place + length] if source == code else ()
                span = (written[place].start, written[place + length - 1].end)
                yield from ((span, name) for name in _names(entries, source, code) if name.terms != itself)


def _same_letters(source: str, code: str, first: str) -> int:
    """Return how many first letters a name of `source` must share with a word of a query in the language `first`."""
    if source == first:
        return SHARED_PREFIX
    return SHARED_PREFIX_IN_DOCUMENT_LANGUAGE if source == code else SHARED_PREFIX_IN_OTHER_LANGUAGES


def _paraphrase_expansions(text: str, code: str, languages: Sequence[str]) -> Iterator[tuple[Span, Expansion]]:
    """Yield names of what somebody tells in other words, read as the language that the query is most probably in."""
    source = languages[0]
    written = list(tokens(text, source))
    asked = tokenize_query(text, written)
    for place in range(len(written)):
        for length, entries in paraphrases(source).names_at(asked, place):
            span = (written[place].start, written[place + length - 1].end)
            yield from ((span, name) for name in _names(entries, source, code))


def _names(entries: Iterable[str], source: str, code: str) -> Iterator[Expansion]:
    """Yield what entries of the glossary are called in a language."""
    factor, synonyms = ranking().words["translation"], synonyms_of(code)
    for name in (name for entry in entries for name in glossary(code).names.get(entry, ())):
        yield Expansion(name.text, name.terms, factor)
        for other in synonyms.others.get(name.terms, ()) if source != code else ():
            yield Expansion(synonyms.written[other], other, factor)


def _entries(
    asked: TokenizedQuery, place: int, source: str, prefix_length: int, *, with_synonyms: bool
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield how many terms are a name of the glossary, or mean one, and the entries that have it."""
    there, synonyms = glossary(source), synonyms_of(source)
    yield from there.names_at(asked, place, prefix_length=prefix_length)
    if not with_synonyms:
        return
    for length, others in synonyms.names_at(asked.terms, place):
        if entries := tuple(entry for other in others for entry in there.entries.get(other, ())):
            yield length, entries


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not overlap, the longest first."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda each: (each[0] - each[1], each)):
        if all(span[1] <= start or end <= span[0] for start, end in chosen):
            chosen.append(span)
    return chosen


def _place(own: list[Token], span: Span, found: ExpansionsBySpan, asking: frozenset[str]) -> QueryTerm:
    words = [token for token in own if _is_in((token.start, token.end), span)]
    best = sorted(found[span].values(), key=lambda name: -name.boost)
    inside = {each: names for each, names in found.items() if each != span and _is_in(each, span)}
    parts = tuple(_places(words, inside, asking)) if len(words) > 1 else ()
    asks = bool(words) and all(token.term in asking for token in words)
    return QueryTerm(tuple(words), tuple(best[:MAX_EXPANSIONS]), asks, parts)


@cache
def _asking(code: str) -> frozenset[str]:
    """Return the terms of words with which one asks for something, and which answers do not have."""
    return frozenset(term for word in language_of(code).question_words for term in name_terms(word, code))

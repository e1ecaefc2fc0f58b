"""Query interpretation: the terms of a query in one language, with expansions and optional question words.

Both engines build their queries from these terms, so that the same words have the same meaning in both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache
from math import ceil

from search.linguistics.languages import language_of
from search.linguistics.synonyms import name_terms, synonyms_of
from search.linguistics.thesaurus import (
    SHARED_PREFIX,
    SHARED_PREFIX_IN_DOCUMENT_LANGUAGE,
    SHARED_PREFIX_IN_OTHER_LANGUAGES,
    TokenizedQuery,
    paraphrases,
    thesaurus,
    tokenize_query,
)
from search.linguistics.tokens import Token, tokens

from .ranking import ranking


class RelaxationLevel(IntEnum):
    """The number of terms that a document must match. An engine goes to the next level while it has few hits."""

    ALL = 0
    HALF = 1
    ANY = 2


# At level ALL a query of more terms requires only this share of them.
MAX_FULLY_REQUIRED_TERMS = 3
REQUIRED_SHARE = 0.75
# More expansions of one term make a query slow and add little.
MAX_EXPANSIONS = 16
# Limit of all expansions of a query: a long query has fewer of each term.
MAX_EXPANSIONS_OF_QUERY = 64
# A term's score is that of its best alternative plus this share of the scores of the others (dis_max).
TIE_BREAKER = 0.15
# Number of other words that may stand between the terms of a phrase.
PHRASE_SLOP = 3
MAX_WHOLE_PHRASE_WORDS = 3
MAX_PROXIMITY_PAIRS = 16
# With fewer hits than this a query is relaxed; the additional hits come after the others.
ENOUGH_HITS = 8


@dataclass(frozen=True)
class Expansion:
    """Another name for a query term: the text, the index terms of the text, and the boost of a match."""

    text: str
    terms: tuple[str, ...]
    boost: float


@dataclass(frozen=True)
class QueryTerm:
    """One word of a query, or several words that are one name, with the other names of the same thing.

    `tokens` is empty if the language of interpretation has only stop words there. A document need not match a term
    that `is_optional`. `parts` are the terms of the single words of a name.
    """

    tokens: tuple[Token, ...]
    expansions: tuple[Expansion, ...] = ()
    is_optional: bool = False
    parts: tuple[QueryTerm, ...] = ()


Span = tuple[int, int]  # start and end position in the query
ExpansionsBySpan = dict[Span, dict[tuple[str, ...], Expansion]]


def interpret_query(text: str, code: str, languages: Sequence[str]) -> list[QueryTerm]:
    """Return the terms of a query, in the order of its words, for documents in the language `code`.

    `languages` are the languages in which the query may be written, the most probable first: names in their glossaries
    expand to the names in `code`.
    """
    query_tokens = _tokens_in_query_language(list(tokens(text, code)), text, code, languages)
    expansions: ExpansionsBySpan = defaultdict(dict)
    _add(expansions, (*_synonym_expansions(query_tokens, code), *_translations(text, query_tokens, code, languages)))
    paraphrased: ExpansionsBySpan = defaultdict(dict)
    _add(paraphrased, _paraphrase_expansions(text, code, languages))
    for span in paraphrased.keys() - expansions.keys():
        # A paraphrase is longer than the names inside it. It must not hide the expansions of these names.
        inner_expansions = [
            (span, expansion)
            for inner, by_terms in expansions.items()
            if _is_within(inner, span)
            for expansion in by_terms.values()
        ]
        _add(paraphrased, inner_expansions)
    _add(expansions, ((span, expansion) for span, by_terms in paraphrased.items() for expansion in by_terms.values()))
    return _with_fewer_expansions(_query_terms(query_tokens, expansions, _question_terms(code)))


def _with_fewer_expansions(terms: list[QueryTerm]) -> list[QueryTerm]:
    """Limit the expansions of each term, so that the query has at most MAX_EXPANSIONS_OF_QUERY."""
    limit = max(1, MAX_EXPANSIONS_OF_QUERY // max(1, len(terms)))
    if limit >= MAX_EXPANSIONS:
        return terms
    return [replace(term, expansions=term.expansions[:limit], parts=_limited(term.parts, limit)) for term in terms]


def _limited(terms: tuple[QueryTerm, ...], limit: int) -> tuple[QueryTerm, ...]:
    return tuple(replace(term, expansions=term.expansions[:limit], parts=_limited(term.parts, limit)) for term in terms)


def _add(expansions: ExpansionsBySpan, additions: Iterable[tuple[Span, Expansion]]) -> None:
    """Add expansions to their spans; of two with the same terms keep the one with the higher boost."""
    for span, expansion in additions:
        existing = expansions[span].get(expansion.terms)
        if existing is None or existing.boost < expansion.boost:
            expansions[span][expansion.terms] = expansion


def _is_within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _query_terms(
    query_tokens: list[Token], expansions: ExpansionsBySpan, question_terms: frozenset[str]
) -> list[QueryTerm]:
    """Return one term for each chosen span and one for each token outside of these spans, in order."""
    spans = _longest_disjoint_spans(expansions)
    terms = [(span, _query_term(query_tokens, span, expansions, question_terms)) for span in spans]
    for token in query_tokens:
        token_span = (token.start, token.end)
        if not any(_is_within(token_span, span) for span in spans):
            terms.append((token_span, QueryTerm((token,), is_optional=token.term in question_terms)))
    return [term for _span, term in sorted(terms, key=lambda item: item[0])]


def required_term_count(terms: Sequence[QueryTerm], level: RelaxationLevel) -> int:
    """Return how many of the terms that are not optional a document must match; 0 if all terms are optional."""
    count = sum(not term.is_optional for term in terms)
    if level is RelaxationLevel.ALL:
        return count if count <= MAX_FULLY_REQUIRED_TERMS else ceil(count * REQUIRED_SHARE)
    return min(count, 1) if level is RelaxationLevel.ANY or count <= 2 else round(count / 2)


def required_token_count(number: int, level: RelaxationLevel) -> int:
    """Return how many of the `number` words of a name a document must match if they do not stand together."""
    return number if level is not RelaxationLevel.ANY else ceil(number / 2)


def proximity_phrases(words: list[str]) -> list[list[str]]:
    """Return the word sequences that raise the score when they stand together.

    These are all words of a short query, else the first MAX_PROXIMITY_PAIRS pairs.
    """
    if len(words) <= MAX_WHOLE_PHRASE_WORDS:
        return [words]
    return [words[start : start + 2] for start in range(min(len(words) - 1, MAX_PROXIMITY_PAIRS))]


def _tokens_in_query_language(query_tokens: list[Token], text: str, code: str, languages: Sequence[str]) -> list[Token]:
    """Return the tokens without stop words and question words of the language that the query is probably in."""
    query_language = languages[0]
    if query_language == code:
        return query_tokens
    kept = [token for token in tokens(text, query_language) if token.term not in _question_terms(query_language)]
    return [
        token for token in query_tokens if any(token.start < other.end and other.start < token.end for other in kept)
    ]


def has_several_terms(text: str, languages: Sequence[str]) -> bool:
    """Return True if the query, in its first language, has several words that are not optional: it can be relaxed."""
    terms = interpret_query(text, languages[0], languages)
    return sum(len(term.tokens) for term in terms if not term.is_optional) > 1


def allows_related_hits(text: str, languages: Sequence[str]) -> bool:
    """Return True if hits that are like the best hit may be added.

    The query must have several terms, or one that the thesaurus or the synonyms know: a single other word, such as the
    name of a person, means only itself.
    """
    return has_several_terms(text, languages) or any(
        term.expansions for code in languages for term in interpret_query(text, code, languages)
    )


def _synonym_expansions(query_tokens: list[Token], code: str) -> Iterator[tuple[Span, Expansion]]:
    """Yield the synonyms of each name in the query."""
    synonyms, terms = synonyms_of(code), tuple(token.term for token in query_tokens)
    boost = ranking().words["synonym"]
    for start in range(len(query_tokens)):
        for length, others in synonyms.names_at(terms, start):
            span = _span_of(query_tokens, start, length)
            for other in others:
                yield span, Expansion(synonyms.written[other], other, boost)


def _translations(
    text: str, query_tokens: list[Token], code: str, languages: Sequence[str]
) -> Iterator[tuple[Span, Expansion]]:
    """Yield the thesaurus names of the entries in the query, and their synonyms.

    An abbreviation leads through its synonyms to the thesaurus, and a thesaurus name to its abbreviation.
    """
    for source in dict.fromkeys((code, *languages)):
        # A short form means something else in most languages: abbreviations count only in the expected languages.
        is_expected = source in (code, *languages[:1])
        shared_prefix = _required_shared_prefix(source, code, languages[0])
        source_tokens = query_tokens if source == code else list(tokens(text, source))
        query = tokenize_query(text, source_tokens)
        for start in range(len(source_tokens)):
            for length, entries in _entries(query, start, source, shared_prefix, with_synonyms=is_expected):
                own_terms = query.terms[start : start + length] if source == code else ()
                span = _span_of(source_tokens, start, length)
                for expansion in _entry_expansions(entries, source, code):
                    if expansion.terms != own_terms:
                        yield span, expansion


def _required_shared_prefix(source: str, code: str, query_language: str) -> int:
    """Return how many first letters a word and a thesaurus name in the language `source` must share."""
    if source == query_language:
        return SHARED_PREFIX
    return SHARED_PREFIX_IN_DOCUMENT_LANGUAGE if source == code else SHARED_PREFIX_IN_OTHER_LANGUAGES


def _paraphrase_expansions(text: str, code: str, languages: Sequence[str]) -> Iterator[tuple[Span, Expansion]]:
    """Yield the thesaurus names of the paraphrases in the query, read in its most probable language only."""
    source = languages[0]
    source_tokens = list(tokens(text, source))
    query = tokenize_query(text, source_tokens)
    for start in range(len(source_tokens)):
        for length, entries in paraphrases(source).names_at(query, start):
            span = _span_of(source_tokens, start, length)
            for expansion in _entry_expansions(entries, source, code):
                yield span, expansion


def _span_of(query_tokens: list[Token], start: int, length: int) -> Span:
    return query_tokens[start].start, query_tokens[start + length - 1].end


def _entry_expansions(entries: Iterable[str], source: str, code: str) -> Iterator[Expansion]:
    """Yield the names of thesaurus entries in the language `code`, with their synonyms if `source` is another one."""
    boost, synonyms = ranking().words["translation"], synonyms_of(code)
    for name in (name for entry in entries for name in thesaurus(code).names.get(entry, ())):
        yield Expansion(name.text, name.terms, boost)
        for other in synonyms.others.get(name.terms, ()) if source != code else ():
            yield Expansion(synonyms.written[other], other, boost)


def _entries(
    query: TokenizedQuery, start: int, source: str, shared_prefix: int, *, with_synonyms: bool
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (number of terms, thesaurus entries) for each name, or synonym of a name, at position `start`."""
    source_thesaurus, synonyms = thesaurus(source), synonyms_of(source)
    yield from source_thesaurus.names_at(query, start, prefix_length=shared_prefix)
    if not with_synonyms:
        return
    for length, others in synonyms.names_at(query.terms, start):
        if entries := tuple(entry for other in others for entry in source_thesaurus.entries.get(other, ())):
            yield length, entries


def _longest_disjoint_spans(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not overlap, choosing longer spans before shorter ones."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda item: (item[0] - item[1], item)):
        if all(span[1] <= start or end <= span[0] for start, end in chosen):
            chosen.append(span)
    return chosen


def _query_term(
    query_tokens: list[Token], span: Span, expansions: ExpansionsBySpan, question_terms: frozenset[str]
) -> QueryTerm:
    """Return the term of a span with its best expansions."""
    span_tokens = [token for token in query_tokens if _is_within((token.start, token.end), span)]
    best = sorted(expansions[span].values(), key=lambda expansion: -expansion.boost)
    inner = {other: by_terms for other, by_terms in expansions.items() if other != span and _is_within(other, span)}
    parts = tuple(_query_terms(span_tokens, inner, question_terms)) if len(span_tokens) > 1 else ()
    is_optional = bool(span_tokens) and all(token.term in question_terms for token in span_tokens)
    return QueryTerm(tuple(span_tokens), tuple(best[:MAX_EXPANSIONS]), is_optional, parts)


@cache
def _question_terms(code: str) -> frozenset[str]:
    """Return the stems of question words ("where", "how to"), which documents do not contain."""
    return frozenset(term for word in language_of(code).question_words for term in name_terms(word, code))

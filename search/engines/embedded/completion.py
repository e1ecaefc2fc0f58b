"""Completions of a prefix from the embedded index: titles, professions and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tantivy import Occur, Query, SearchResult

from search.facets import SITE_FACET
from search.linguistics.spelling import Lexicon
from search.query.completion_ranking import (
    PROFESSION,
    Completion,
    TypedPrefix,
    best_matching_name,
    matching_places,
    rank_completions,
)
from search.query.search_query import fallback_chain

from .schema import schema
from .snapshot import Snapshot, any_value, in_first_available_language, non_scoring, not_expired

# Limits of the words that may continue or correct a typed word.
MAX_CONTINUATIONS = 20
MAX_CORRECTIONS = 5
# Limit of documents that are read to find different titles: many departments have pages with the same title.
MAX_CANDIDATES = 200
MAX_PLACE_CANDIDATES = 50
# Scores of the word as typed, of a continuation and of a correction.
TYPED_SCORE, CONTINUATION_SCORE, CORRECTION_SCORE = 3.0, 2.0, 1.0
OWN_LANGUAGE_SCORE = 2.0


def completions(snapshot: Snapshot, prefix: str, locale: str, limit: int, department: str) -> list[Completion]:
    """Return up to `limit` titles, professions and places that contain every typed word; the last may be unfinished."""
    typed = TypedPrefix.parse(prefix, locale)
    if not typed.words:
        return []
    on_site = [not_expired(), *([any_value(SITE_FACET, (department,))] if department else [])]
    # A search shows a content in one language only. Its names and places in another language would have no hits.
    shown = [*on_site, in_first_available_language(fallback_chain(locale))]
    candidates = [
        *_different(_professions(snapshot, typed, locale, shown), limit),
        *matching_places(typed, _places(snapshot, typed, shown)),
        *_different(_titles(snapshot, typed, locale, on_site), limit),
    ]
    return rank_completions(typed, candidates, limit)


def _different(candidates: Iterable[Completion], limit: int) -> Iterator[Completion]:
    """Yield up to `limit` candidates with different texts, without reading further ones."""
    seen: set[str] = set()
    for candidate in candidates:
        if len(seen) == limit:
            return
        if candidate.text not in seen:
            seen.add(candidate.text)
            yield candidate


def _titles(snapshot: Snapshot, typed: TypedPrefix, locale: str, filters: list[Query]) -> Iterator[Completion]:
    matching = _matching(snapshot, typed, f"complete_{locale}")
    for _score, address in _best_hits(snapshot, matching, filters).hits:
        document = snapshot.stored_document(address)
        yield Completion(document.title, document.type, document.content_id, document.locale)


def _professions(snapshot: Snapshot, typed: TypedPrefix, locale: str, filters: list[Query]) -> Iterator[Completion]:
    """Yield the best name of each matching profession; documents in the language come before others."""
    matching = _matching(snapshot, typed, f"named_{locale}")
    in_language = Query.const_score_query(any_value("locale", (locale,)), 1.0)
    preferring = Query.boolean_query(
        [(Occur.Must, matching), (Occur.Should, Query.boost_query(in_language, OWN_LANGUAGE_SCORE))]
    )
    for _score, address in _best_hits(snapshot, preferring, filters).hits:
        document = snapshot.stored_document(address)
        if name := best_matching_name(typed, snapshot.profession_names(address).get(locale, ())):
            yield Completion(name, PROFESSION, document.content_id, document.locale)


def _places(snapshot: Snapshot, typed: TypedPrefix, filters: list[Query]) -> list[str]:
    """Return the places of documents whose places contain all words, the most frequent first."""
    matching = _matching(snapshot, typed, "place_words")
    query = Query.boolean_query([(Occur.Must, matching), *non_scoring(*filters)])
    aggregation = {"place": {"terms": {"field": "place", "size": MAX_PLACE_CANDIDATES}}}
    return [bucket["key"] for bucket in snapshot.searcher.aggregate(query, aggregation)["place"]["buckets"]]


def _best_hits(snapshot: Snapshot, matching: Query, filters: list[Query]) -> SearchResult:
    query = Query.boolean_query([(Occur.Must, matching), *non_scoring(*filters)])
    return snapshot.searcher.search(query, MAX_CANDIDATES, False, weight_by_field="weight")


def _matching(snapshot: Snapshot, typed: TypedPrefix, field: str) -> Query:
    """Match the documents that contain every typed word in a field."""
    lexicon = snapshot.field_lexicon(field)
    last = len(typed.words) - 1
    clauses = [
        _any_alternative(_alternatives(word, lexicon, is_last=index == last), field)
        for index, word in enumerate(typed.words)
    ]
    return Query.boolean_query([(Occur.Must, clause) for clause in clauses])


def _alternatives(word: str, lexicon: Lexicon, *, is_last: bool) -> dict[str, float]:
    """Return the score of each word that the typed word can match: itself, its continuations or corrections."""
    alternatives = {word: TYPED_SCORE}
    if is_last:
        continuations = lexicon.words_with_prefix(word, MAX_CONTINUATIONS)
        alternatives |= {longer: CONTINUATION_SCORE for longer in continuations if longer != word}
    if len(alternatives) == 1 and word not in lexicon:
        alternatives |= dict.fromkeys(lexicon.similar_words(word, MAX_CORRECTIONS), CORRECTION_SCORE)
        if is_last:
            corrections = lexicon.words_with_similar_prefix(word, MAX_CORRECTIONS)
            alternatives |= dict.fromkeys(corrections, CORRECTION_SCORE)
    return alternatives


def _any_alternative(alternatives: dict[str, float], field: str) -> Query:
    return Query.boolean_query(
        [
            (Occur.Should, Query.const_score_query(Query.term_query(schema(), field, word), score))
            for word, score in alternatives.items()
        ]
    )

"""What goes on from the first letters that somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tantivy import Occur, Query, SearchResult

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

CONTINUATIONS = 20
CORRECTIONS = 5
# Many departments have pages of one title: so many documents are looked through for different ones.
CANDIDATES = 200
MOST_PLACES = 50


def completions(snapshot: Snapshot, prefix: str, locale: str, limit: int, department: str) -> list[Completion]:
    """Return up to `limit` titles, professions and places with every word typed, the last one maybe unfinished."""
    typed = TypedPrefix.parse(prefix, locale)
    if not typed.words:
        return []
    here = [not_expired(), *([any_value("department", (department,))] if department else [])]
    # A content's names and places in a language in which a search does not show it would find nothing.
    shown = [*here, in_first_available_language(fallback_chain(locale))]
    found = [
        *_different(_professions(snapshot, typed, locale, shown), limit),
        *matching_places(typed, _places(snapshot, typed, shown)),
        *_different(_titles(snapshot, typed, locale, here), limit),
    ]
    return rank_completions(typed, found, limit)


def _different(candidates: Iterable[Completion], limit: int) -> Iterator[Completion]:
    """Yield the first of those with one text, until there are enough; the others are not even read."""
    seen: set[str] = set()
    for candidate in candidates:
        if len(seen) == limit:
            return
        if candidate.text not in seen:
            seen.add(candidate.text)
            yield candidate


def _titles(snapshot: Snapshot, typed: TypedPrefix, locale: str, conditions: list[Query]) -> Iterator[Completion]:
    matching = _matching(snapshot, typed, f"complete_{locale}")
    for _score, address in _found(snapshot, matching, conditions).hits:
        row = snapshot.stored_document(address)
        yield Completion(row.title, row.type, row.content_id, row.locale)


def _professions(snapshot: Snapshot, typed: TypedPrefix, locale: str, conditions: list[Query]) -> Iterator[Completion]:
    """Yield the name that goes on best of each profession, the profile in the language asked for before others."""
    matching = _matching(snapshot, typed, f"named_{locale}")
    own = Query.boost_query(Query.const_score_query(any_value("locale", (locale,)), 1.0), 2.0)
    preferring = Query.boolean_query([(Occur.Must, matching), (Occur.Should, own)])
    for _score, address in _found(snapshot, preferring, conditions).hits:
        row = snapshot.stored_document(address)
        if name := best_matching_name(typed, snapshot.names_of(address).get(locale, ())):
            yield Completion(name, PROFESSION, row.content_id, row.locale)


def _places(snapshot: Snapshot, typed: TypedPrefix, conditions: list[Query]) -> list[str]:
    """Return places of documents that have all the words among theirs, the most frequent first."""
    matching = _matching(snapshot, typed, "place_words")
    whole = Query.boolean_query([(Occur.Must, matching), *non_scoring(*conditions)])
    wanted = {"place": {"terms": {"field": "place", "size": MOST_PLACES}}}
    return [each["key"] for each in snapshot.searcher.aggregate(whole, wanted)["place"]["buckets"]]


def _found(snapshot: Snapshot, matching: Query, conditions: list[Query]) -> SearchResult:
    whole = Query.boolean_query([(Occur.Must, matching), *non_scoring(*conditions)])
    return snapshot.searcher.search(whole, CANDIDATES, False, weight_by_field="weight")


def _matching(snapshot: Snapshot, typed: TypedPrefix, field: str) -> Query:
    lexicon = snapshot.lexicon_of(field)
    last = len(typed.words) - 1
    parts = [_either(_ways(word, lexicon, is_last=place == last), field) for place, word in enumerate(typed.words)]
    return Query.boolean_query([(Occur.Must, part) for part in parts])


def _ways(word: str, lexicon: Lexicon, *, is_last: bool) -> dict[str, float]:
    """Return the words that may be meant, and what each is worth."""
    ways = {word: 3.0}
    if is_last:
        ways |= {each: 2.0 for each in lexicon.words_with_prefix(word, CONTINUATIONS) if each != word}
    if len(ways) == 1 and word not in lexicon:
        ways |= dict.fromkeys(lexicon.similar_words(word, CORRECTIONS), 1.0)
        if is_last:
            ways |= dict.fromkeys(lexicon.words_with_similar_prefix(word, CORRECTIONS), 1.0)
    return ways


def _either(ways: dict[str, float], field: str) -> Query:
    return Query.boolean_query(
        [
            (Occur.Should, Query.const_score_query(Query.term_query(schema(), field, way), worth))
            for way, worth in ways.items()
        ]
    )

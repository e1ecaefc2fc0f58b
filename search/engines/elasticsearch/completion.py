"""What goes on from the first letters that somebody types: three questions in one request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from elasticsearch.dsl import A, Q, Search, query

from search.completing import PROFESSION, Completion, Typed, arranged, best_name, places_that_go_on
from search.query import SearchQuery, fallback_chain

from . import queries

# Several contents may have one title.
SPARE = 4
MOST_PLACES = 50
NEARLY = 0.3
PREFERRED = 2.0


def searches(typed: Typed, locale: str, limit: int, department: str) -> Iterator[Search]:
    """Yield what is asked for professions, places and titles."""
    shown = SearchQuery(locales=fallback_chain(locale), filters={"department": (department,)} if department else {})
    conditions = [*queries.conditions(shown), *queries.filters(shown)]
    own = Q("term", locale=locale)
    preferring = Q(
        "bool", must=[_going_on(typed, f"named.{locale}")], should=[Q("constant_score", filter=own, boost=PREFERRED)]
    )
    yield _best(preferring, conditions, SPARE * limit, ["content_id", "locale", f"named.{locale}"])
    places = Search().query(Q("bool", filter=[_going_on(typed, "place.complete"), *conditions]))
    places.aggs.bucket("places", A("terms", field="place", size=MOST_PLACES))
    yield places.extra(size=0)
    titled = [own, *conditions]
    yield _best(_going_on(typed, "title.complete"), titled, SPARE * limit, ["content_id", "locale", "title", "type"])


def completions(typed: Typed, locale: str, limit: int, professions: Any, places: Any, titles: Any) -> list[Completion]:
    """Return what the answers to `searches` amount to."""
    found = [
        Completion(name, PROFESSION, each.content_id, each.locale)
        for each in professions
        if (name := best_name(typed, each.named[locale]))
    ]
    found += places_that_go_on(typed, [each.key for each in places.aggregations.places.buckets])
    found += [Completion(each.title, each.type, each.content_id, each.locale) for each in titles]
    return arranged(typed, found, limit)


def _best(matching: query.Query, conditions: list[query.Query], size: int, source: list[Any]) -> Search:
    inner = Q("bool", must=[matching], filter=conditions)
    search = Search().query(queries.ranked(inner, SearchQuery())).sort("_score", "sequence")
    return search.source(source).extra(size=size)


def _going_on(typed: Typed, field: str) -> query.Query:
    """Return what matches documents in which every word typed begins a word, or nearly."""
    text = " ".join(typed.words)
    exact = {"query": text, "operator": "and"}
    nearly = exact | {"fuzziness": queries.FUZZINESS, "boost": NEARLY}
    return Q("bool", should=[Q("match", **{field: exact}), Q("match", **{field: nearly})], minimum_should_match=1)

"""What goes on from the first letters that somebody types: three questions in one request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from elasticsearch.dsl import A, Q, Search, query

from search.query.completion_ranking import (
    PROFESSION,
    Completion,
    TypedPrefix,
    best_matching_name,
    matching_places,
    rank_completions,
)
from search.query.search_query import SearchQuery, fallback_chain

from . import query_dsl
from .indices import index_name

MOST_PLACES = 50
NEARLY = 0.3
PREFERRED = 2.0


def completion_searches(
    typed: TypedPrefix, alias: str, locale: str, limit: int, department: str, *, nearly: bool
) -> Iterator[Search]:
    """Yield what is asked for professions, places and titles; `nearly` lets words be misspelt, which takes longer."""
    going_on = partial(_going_on, typed, nearly=nearly)
    shown = SearchQuery(locales=fallback_chain(locale), filters={"department": (department,)} if department else {})
    conditions = [*query_dsl.base_filters(shown), *query_dsl.facet_filters(shown)]
    own = Q("term", locale=locale)
    preferring = Q(
        "bool", must=[going_on(f"named.{locale}")], should=[Q("constant_score", filter=own, boost=PREFERRED)]
    )
    yield _best(alias, preferring, conditions, limit, ["content_id", "locale", f"named.{locale}"])
    places = Search(index=alias).query(Q("bool", filter=[going_on("place.complete"), *conditions]))
    places.aggs.bucket("places", A("terms", field="place", size=MOST_PLACES))
    yield places.extra(size=0, track_total_hits=False)
    here = index_name(alias, locale)
    yield _best(here, going_on("title.complete"), conditions, limit, ["content_id", "locale", "title", "type"])


def completions(
    typed: TypedPrefix, locale: str, limit: int, professions: Any, places: Any, titles: Any
) -> list[Completion]:
    """Return what the answers to `searches` amount to."""
    found = [
        Completion(name, PROFESSION, each.content_id, each.locale)
        for each in professions
        if (name := best_matching_name(typed, each.named[locale]))
    ]
    found += matching_places(typed, [each.key for each in places.aggregations.places.buckets])
    found += [Completion(each.title, each.type, each.content_id, each.locale) for each in titles]
    return rank_completions(typed, found, limit)


def _best(index: str, matching: query.Query, conditions: list[query.Query], size: int, source: list[Any]) -> Search:
    inner = Q("bool", must=[matching], filter=conditions)
    search = Search(index=index).query(query_dsl.with_ranking_factors(inner, SearchQuery())).sort("_score", "sequence")
    # Many departments have pages of one title.
    once = {"collapse": {"field": "sort_title"}, "track_total_hits": False}
    return search.source(source).extra(size=size, **once)


def _going_on(typed: TypedPrefix, field: str, *, nearly: bool) -> query.Query:
    """Return what matches documents in which every word typed begins a word, or nearly."""
    exact = {"query": " ".join(typed.words), "operator": "and"}
    if not nearly:
        return Q("match", **{field: exact})
    misspelt = exact | {
        "fuzziness": query_dsl.FUZZINESS,
        "max_expansions": query_dsl.MAX_FUZZY_EXPANSIONS,
        "boost": NEARLY,
    }
    return Q("bool", should=[Q("match", **{field: exact}), Q("match", **{field: misspelt})], minimum_should_match=1)

"""Completions of a prefix from the cluster: three searches in one request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from elasticsearch.dsl import A, Q, Search, query

from search.facets import SITE_FACET
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

MAX_PLACE_CANDIDATES = 50
FUZZY_BOOST = 0.3
OWN_LANGUAGE_SCORE = 2.0


def completion_searches(
    typed: TypedPrefix, alias: str, locale: str, limit: int, department: str, *, fuzzy: bool
) -> Iterator[Search]:
    """Yield the searches for professions, places and titles. `fuzzy` allows typing errors, which takes longer."""
    matching = partial(_matching, typed, fuzzy=fuzzy)
    shown = SearchQuery(locales=fallback_chain(locale), filters={SITE_FACET: (department,)} if department else {})
    filters = [*query_dsl.base_filters(shown), *query_dsl.facet_filters(shown)]
    in_language = Q("constant_score", filter=Q("term", locale=locale), boost=OWN_LANGUAGE_SCORE)
    preferring = Q("bool", must=[matching(f"named.{locale}")], should=[in_language])
    yield _best(alias, preferring, filters, limit, ["content_id", "locale", f"named.{locale}"])
    places = Search(index=alias).query(Q("bool", filter=[matching("place.complete"), *filters]))
    places.aggs.bucket("places", A("terms", field="place", size=MAX_PLACE_CANDIDATES))
    yield places.extra(size=0, track_total_hits=False)
    own_index = index_name(alias, locale)
    yield _best(own_index, matching("title.complete"), filters, limit, ["content_id", "locale", "title", "type"])


def completions(
    typed: TypedPrefix, locale: str, limit: int, professions: Any, places: Any, titles: Any
) -> list[Completion]:
    """Return the ranked completions in the responses to `completion_searches`."""
    candidates = [
        Completion(name, PROFESSION, hit.content_id, hit.locale)
        for hit in professions
        if (name := best_matching_name(typed, hit.named[locale]))
    ]
    candidates += matching_places(typed, [bucket.key for bucket in places.aggregations.places.buckets])
    candidates += [Completion(hit.title, hit.type, hit.content_id, hit.locale) for hit in titles]
    return rank_completions(typed, candidates, limit)


def _best(index: str, matching: query.Query, filters: list[query.Query], size: int, source: list[Any]) -> Search:
    """Return a search for the best hits with different titles: many departments have pages with the same title."""
    filtered = Q("bool", must=[matching], filter=filters)
    ranked = query_dsl.with_ranking_factors(filtered, SearchQuery())
    search = Search(index=index).query(ranked).sort("_score", "sequence").source(source)
    return search.extra(size=size, collapse={"field": "sort_title"}, track_total_hits=False)


def _matching(typed: TypedPrefix, field: str, *, fuzzy: bool) -> query.Query:
    """Match the documents in which every typed word begins a word of the field, with typing errors if `fuzzy`."""
    exact = {"query": " ".join(typed.words), "operator": "and"}
    if not fuzzy:
        return Q("match", **{field: exact})
    misspelled = exact | {
        "fuzziness": query_dsl.FUZZINESS,
        "max_expansions": query_dsl.MAX_FUZZY_EXPANSIONS,
        "boost": FUZZY_BOOST,
    }
    return Q("bool", should=[Q("match", **{field: exact}), Q("match", **{field: misspelled})], minimum_should_match=1)

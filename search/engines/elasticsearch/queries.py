"""Turns a query of the contract into one of Elasticsearch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from elasticsearch.dsl import Q, Search, query
from elasticsearch.dsl.function import SF

from search.query import FACETS, SearchQuery, Words
from search.ranking import ranking
from search.synonyms import rewordings

FACET_LIMIT = 100
FUZZINESS = "AUTO:4,8"
# Of two words both must match, of more than that six in ten.
MATCHING = "2<60%"
TIE_BREAKER = 0.15
OTHER_NAME = 0.3  # in another language than the document's
PHRASE_SLOP = 3
# More than any score by words; a multiple of it is exact in the 32 bits of a score.
PROMOTED = 2.0**20


def words_query(words: Words, languages: Sequence[str], *, all_must_match: bool) -> query.Query:
    """Return what scores documents by the words; every document without words."""
    required = [_phrase(phrase, languages, 1) for phrase in words.phrases]
    if words.text:
        required.append(_reworded(words.text, languages, all_must_match=all_must_match))
    if not required:
        required.append(Q("match_all"))
    excluded = [_phrase(word, languages, 0) for word in words.excluded]
    return Q("bool", must=required, must_not=excluded)


def fields(languages: Sequence[str]) -> list[str]:
    """Return the fields of words with what each weighs."""
    weights = ranking().fields
    own = [f"{name}^{weights[name]}" for name in ("title", "names", "text")]
    own.append(f"aliases^{weights['text']}")
    return [*own, *(f"labels.{code}^{weights['labels']}" for code in languages)]


def _reworded(text: str, languages: Sequence[str], *, all_must_match: bool) -> query.Query:
    """Match the words, or the words with another name in the place of one.

    Other names are put in here and not in the indices' analyzers, which would have to be closed for each change. A
    name counts as one word, however many it has.
    """
    ways = [_text(text, languages, all_must_match=all_must_match)]
    for code in languages:
        for other, around in rewordings(text, code):
            parts = [_name(other, code)]
            if around:
                parts.append(_text(around, languages, all_must_match=all_must_match))
            ways.append(Q("bool", must=parts, boost=ranking().words["synonym"]))
    return Q("dis_max", queries=ways, tie_breaker=TIE_BREAKER) if len(ways) > 1 else ways[0]


def _name(name: str, code: str) -> query.Query:
    """Match a name of a language: in documents of that language, and among the labels of all."""
    weights = ranking().fields
    own = [f"{field}^{weights[field]}" for field in ("title", "names", "text")]
    labels = {"query": name, "slop": 1, "boost": weights["labels"]}
    return Q(
        "dis_max",
        queries=[
            Q(
                "bool",
                must=[Q("multi_match", query=name, fields=own, type="phrase", slop=1)],
                filter=[Q("term", locale=code)],
            ),
            Q("match_phrase", **{f"labels.{code}": labels}),
        ],
    )


def _text(text: str, languages: Sequence[str], *, all_must_match: bool) -> query.Query:
    factors = ranking().words
    needed = MATCHING if all_must_match else "1"
    exact = Q(
        "multi_match", query=text, fields=fields(languages), type="most_fields", minimum_should_match="1",
        tie_breaker=TIE_BREAKER,
    )  # fmt: skip
    # All fields of a document together must have the words; labels of other languages are apart.
    matching = [
        Q("match", everything={"query": text, "minimum_should_match": needed}),
        Q("multi_match", query=text, fields=[f"labels.{code}" for code in languages], minimum_should_match=needed),
    ]
    nearly = [
        Q(
            "match",
            everything={
                "query": text, "minimum_should_match": needed, "fuzziness": FUZZINESS, "prefix_length": 0,
                "max_expansions": 30, "boost": factors["typing_error"],
            },
        ),
        # Stems of a misspelt word may be further apart than the words themselves.
        Q(
            "match",
            words={
                "query": text,
                "minimum_should_match": needed,
                "fuzziness": FUZZINESS,
                "max_expansions": 30,
                "boost": factors["typing_error"],
            },
        ),
        Q("match_bool_prefix", words={"query": text, "minimum_should_match": needed, "boost": factors["prefix"]}),
        # A name of ours outweighs any number of other names that have the words of it.
        Q(
            "match",
            foreign_aliases={
                "query": text,
                "minimum_should_match": needed,
                "fuzziness": FUZZINESS,
                "max_expansions": 30,
                "boost": OTHER_NAME,
            },
        ),
    ]  # fmt: skip
    near = Q(
        "multi_match", query=text, fields=fields(languages), type="phrase", slop=PHRASE_SLOP, boost=factors["phrase"]
    )
    return Q(
        "bool",
        must=[Q("bool", should=[*(Q("constant_score", filter=each, boost=0.01) for each in matching), *nearly])],
        should=[exact, near],
    )


def _phrase(text: str, languages: Sequence[str], slop: int) -> query.Query:
    return Q("multi_match", query=text, fields=[*fields(languages), "foreign_aliases"], type="phrase", slop=slop)


def ranked(inner: query.Query, asked: SearchQuery) -> query.Query:
    """Multiply scores by what depends on the document, the day and the language asked for."""
    factors = ranking()
    functions: list[Any] = [
        SF("field_value_factor", field="weight", missing=1.0),
        _factor(factors.past, Q("range", ends={"lt": timezone.localdate().isoformat()})),
    ]
    functions += [
        _factor(factors.fallback**step, Q("term", locale=code)) for step, code in enumerate(asked.locales) if step
    ]
    return Q("function_score", query=inner, functions=functions, score_mode="multiply", boost_mode="multiply")


def after_promoted(ranked: query.Query, promoted: Sequence[str], conditions: Sequence[query.Query]) -> query.Query:
    """Put documents before those that match, in their order, if the conditions hold for them."""
    if not promoted:
        return ranked
    first = [
        Q("constant_score", filter=Q("ids", values=[key]), boost=PROMOTED * (len(promoted) - place))
        for place, key in enumerate(promoted)
    ]
    return Q("bool", must=[Q("dis_max", queries=[ranked, *first])], filter=list(conditions))


def _factor(weight: float, condition: query.Query) -> Any:
    return SF({"filter": condition.to_dict(), "weight": weight})


def conditions(asked: SearchQuery) -> list[query.Query]:
    """Return what narrows a query, apart from the filters of facets."""
    # Elasticsearch reads a missing date as nothing: what has no end is asked for by its absence.
    found = [Q("bool", should=[Q("range", expires={"gt": "now"}), ~Q("exists", field="expires")])]
    if asked.concept:
        found.append(Q("term", concept=asked.concept))
    if asked.from_day:
        found.append(Q("range", ends={"gte": asked.from_day.isoformat()}))
    if asked.to_day:
        found.append(Q("range", starts={"lte": asked.to_day.isoformat()}))
    if asked.locales:
        found.append(_in_chain(asked.locales))
    return found


def filters(asked: SearchQuery, without: str = "") -> list[query.Query]:
    """Return the filters of facets, apart from one facet's own."""
    return [Q("terms", **{name: list(values)}) for name, values in asked.filters.items() if values and name != without]


def _in_chain(locales: Sequence[str]) -> query.Query:
    """Keep each content in the first language of the chain that it has."""
    steps = [
        Q("bool", filter=[Q("term", locale=code)], must_not=[Q("term", available=each) for each in locales[:place]])
        for place, code in enumerate(locales)
    ]
    return Q("bool", should=steps, minimum_should_match=1)


def add_facets(search: Search, asked: SearchQuery) -> None:
    """Count by facet; the counts of a facet ignore its own filter."""
    for name in FACETS:
        narrowed = search.aggs.bucket(name, "filter", filter=Q("bool", filter=filters(asked, name)))
        narrowed.bucket("values", "terms", field=name, size=FACET_LIMIT, order=[{"_count": "desc"}, {"_key": "asc"}])

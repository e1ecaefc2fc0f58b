"""Turns a query of the contract into one of Elasticsearch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from elasticsearch.dsl import Q, Search, query
from elasticsearch.dsl.function import SF

from search.engines.contract import FACET_LIMIT
from search.engines.relevance_feedback import TELLING_TERMS, Related
from search.linguistics.tokens import Token, tokens
from search.query.interpretation import (
    ALL_UP_TO,
    PHRASE_SLOP,
    SHARE,
    TIE_BREAKER,
    Place,
    Width,
    needed,
    needed_of_name,
    neighbours,
    read,
)
from search.query.ranking import ranking
from search.query.search_query import FACETS, SearchQuery, Words

OTHER_FACETS, VALUES = "other-facets", "by-"
FUZZINESS = "AUTO:4,8"
EXPANSIONS = 8
OTHER_NAME = 0.3  # in another language than the document's
# More than any score by words; a multiple of it is exact in the 32 bits of a score.
PROMOTED = 2.0**20
MINIMUM_PREFIX = 4  # letters; fewer begin too many words
# Every clause costs, whatever it finds, and a cluster refuses a query of too many: long questions say enough by their
# words alone.
PREFIXES_UP_TO = 4  # words of a question, each of which may be the beginning of another word
FOREIGN_ERRORS_UP_TO = 3  # words of a question, each of which may be misspelt in other languages' names
MOST_PAIRS = 6
MOST_NAMES = 16  # of all words of a question in one language
# Without words what is in a language stands before all in the next: more than other factors make of a document.
NEXT_LANGUAGE = 1 / 16


@dataclass(frozen=True)
class Manner:
    """How words match: how many of them must, which are unknown and may be misspelt, which may be a beginning.

    `missing` has by language what none of its documents has: asking for it costs, and finds nothing.
    """

    width: Width
    unknown: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def may_match(self, place: Place, code: str) -> bool:
        """Whether documents of a language may have a place at all."""
        if place.names or len(place.words) != 1:
            return True
        folded = place.words[0].folded
        return folded not in self.missing.get(code, ()) or folded in self.unknown or folded in self.beginnings


def words_query(texts: dict[str, float], words: Words, indices: dict[str, str], manner: Manner) -> query.Query:
    """Return what scores documents by the words; every document without words.

    `texts` are the words as typed, and as they were probably meant, with what each is worth; `indices` has the name of
    each language's index.
    """
    languages = list(indices)
    required = [_phrase(phrase, languages, 1) for phrase in words.phrases]
    if words.text:
        readings = [
            _reading(read(text, code, languages), code, indices[code], manner, factor)
            for text, factor in texts.items()
            for code in languages
        ]
        readings += [_labels(text, languages, manner, factor) for text, factor in texts.items()]
        required.append(Q("dis_max", queries=readings, tie_breaker=TIE_BREAKER))
    if not required:
        required.append(Q("match_all"))
    excluded = [part for word in words.excluded for part in _every_form(word, languages)]
    return Q("bool", must=required, must_not=excluded)


def with_more(matching: query.Query, keys: Sequence[str]) -> query.Query:
    """Let some documents come before the others that match: those that have more of the words than they must have."""
    bonus = Q("constant_score", filter=Q("ids", values=list(keys)), boost=ranking().words["more_matched"])
    return Q("bool", must=[matching], should=[bonus])


def sooner(matching: query.Query, related: Related) -> query.Query:
    """Let what matches come sooner if it is like the best hit."""
    bonuses = [
        Q("constant_score", filter=Q("ids", values=[key]), boost=bonus) for key, bonus in related.bonuses.items()
    ]
    return Q("bool", must=[matching], should=bonuses)


def like(index: str, key: str, **limits: Any) -> query.Query:
    """Match what has the words that tell a document apart; `limits` says more of these words."""
    like = [{"_index": index, "_id": key}]
    limits = {"max_query_terms": TELLING_TERMS, "min_term_freq": 1, "min_doc_freq": 2} | limits
    return Q("more_like_this", fields=["title", "names", "text"], like=like, minimum_should_match="1", **limits)


def fields(languages: Sequence[str]) -> list[str]:
    """Return the fields of words with what each weighs."""
    weights = ranking().fields
    return [*_own_fields(), *(f"labels.{code}^{weights['labels']}" for code in languages)]


def _own_fields() -> list[str]:
    weights = ranking().fields
    return [*(f"{name}^{weights[name]}" for name in ("title", "names", "text")), f"aliases^{weights['text']}"]


def _reading(places: Sequence[Place], code: str, index: str, manner: Manner, factor: float) -> query.Query:
    """Match a query that is read as a language, in the documents of that language."""
    if not places:
        return Q("match_none")
    names = [*_own_fields(), f"labels.{code}^{ranking().fields['labels']}"]
    if len(places) <= PREFIXES_UP_TO:
        folded = frozenset(token.folded for place in places for token in place.words)
        manner = replace(manner, beginnings=folded)
    else:
        manner = replace(manner, beginnings=manner.unknown)
        share = max(1, MOST_NAMES // len(places))
        places = [replace(place, names=place.names[:share]) for place in places]
    sought = [place for place in places if manner.may_match(place, code)]
    required = [_place(place, names, manner) for place in sought if not place.asks]
    asking = [_place(place, names, manner, ranking().words["asking"]) for place in sought if place.asks]
    least = max(needed(places, manner.width), 1)
    if len(required or asking) < least:
        return Q("match_none")
    enough = Q("bool", should=required or asking, minimum_should_match=least)
    bonuses = _bonuses([token.word for place in sought for token in place.words], names)
    # Asked by the name of the index, so that each index drops what is not for it before it looks for a word.
    here = Q("term", _index=index)
    return Q("bool", filter=[here], must=[enough], should=[*(asking if required else ()), *bonuses], boost=factor)


def _labels(text: str, languages: Sequence[str], manner: Manner, factor: float) -> query.Query:
    """Match what professions are called in any language, in documents of whatever language."""
    names = [f"labels.{code}^{ranking().fields['labels']}" for code in languages]
    share = {Width.ALL: f"{ALL_UP_TO}<{SHARE:.0%}", Width.HALF: "50%", Width.ANY: "1"}[manner.width]
    labels = Q("multi_match", query=text, fields=names, minimum_should_match=share, tie_breaker=TIE_BREAKER)
    # A name of ours outweighs any number of other names that have the words of it.
    is_short = len(text.split()) <= FOREIGN_ERRORS_UP_TO
    may_be_misspelt = is_short and manner.width is not Width.ALL
    nearly = {"fuzziness": FUZZINESS, "max_expansions": EXPANSIONS} if may_be_misspelt else {}
    others = Q("match", foreign_aliases={"query": text, "minimum_should_match": share, "boost": OTHER_NAME, **nearly})
    bonuses = _bonuses(text.split(), names)
    if manner.width is not Width.ALL:
        # As much is due to each word of a name as to the words of a text.
        whole = Q("multi_match", query=text, fields=names, operator="and")
        due = ranking().words["matched"] * (len(text.split()) - 1)
        bonuses.append(Q("constant_score", filter=whole, boost=due))
    matching = Q("bool", must=[Q("dis_max", queries=[labels, others])], should=bonuses)
    return _due(matching, factor, manner.width)


def _place(place: Place, names: Sequence[str], manner: Manner, factor: float = 1.0) -> query.Query:
    """Match the words of a place, all of them, or another name of what they name."""
    width = manner.width
    ways = [_name(name.text, names, name.factor * factor, width) for name in place.names]
    words = [_word(token, names, manner, factor) for token in place.words]
    if len(words) == 1:
        ways += words[0]
    elif words:
        # The name itself, or its words in whatever order, which say less.
        ways.append(_name(" ".join(token.word for token in place.words), names, factor, width))
        if width is Width.ANY:
            apart = [_place(part, names, manner, factor) for part in place.parts]
        else:
            apart = [Q("dis_max", queries=each, tie_breaker=TIE_BREAKER) for each in words]
        least = needed_of_name(len(apart), width)
        ways.append(Q("bool", should=apart, minimum_should_match=least, boost=ranking().words["apart"] / len(apart)))
    return Q("dis_max", queries=ways, tie_breaker=TIE_BREAKER)


def _name(text: str, names: Sequence[str], factor: float, width: Width) -> query.Query:
    """Match words in a row in any field."""
    kind = {"type": "phrase", "slop": 1} if " " in text else {}
    return _due(Q("multi_match", query=text, fields=names, tie_breaker=TIE_BREAKER, **kind), factor, width)


def _due(matching: query.Query, factor: float, width: Width) -> query.Query:
    """Where not all words must match, something is due to having one, in whatever field."""
    if width is Width.ALL:
        return Q("bool", must=[matching], boost=factor)
    matched = Q("constant_score", filter=Q("match_all"), boost=ranking().words["matched"])
    return Q("bool", must=[matching, matched], boost=factor)


def _word(token: Token, names: Sequence[str], manner: Manner, factor: float) -> list[query.Query]:
    """Return the ways in which a document may have a word."""
    factors, width = ranking().words, manner.width
    ways = [
        _due(Q("multi_match", query=token.word, fields=names, tie_breaker=TIE_BREAKER), factor, width),
        _due(Q("match", roots=token.word), factor * factors["root"], width),
    ]
    if token.folded in manner.unknown:
        nearly = {"query": token.folded, "fuzziness": FUZZINESS, "max_expansions": EXPANSIONS}
        nearly["fields"] = [f"title.words^{ranking().fields['title']}", "words"]
        ways.append(_due(Q("multi_match", **nearly), factor * factors["typing_error"], width))
    is_beginning = width is not Width.ALL and token.folded in manner.beginnings
    if is_beginning and len(token.folded) >= MINIMUM_PREFIX:
        ways.append(_due(Q("prefix", words=token.folded), factor * factors["prefix"], width))
    return ways


def _bonuses(words: list[str], names: Sequence[str]) -> list[query.Query]:
    """Words that stand together, near one another, are worth more than the same words far apart."""
    if len(words) <= 1:
        return []
    pairs = neighbours(words)[:MOST_PAIRS]
    boost = ranking().words["phrase"] / len(pairs)
    kind = {"type": "phrase", "slop": PHRASE_SLOP, "boost": boost}
    return [Q("multi_match", query=" ".join(pair), fields=names, **kind) for pair in pairs]


def _phrase(text: str, languages: Sequence[str], slop: int) -> query.Query:
    return Q("multi_match", query=text, fields=[*fields(languages), "foreign_aliases"], type="phrase", slop=slop)


def _every_form(text: str, languages: Sequence[str]) -> list[query.Query]:
    """Match what has a word in any form in any field that is searched."""
    cut = {" ".join(token.term for token in tokens(text, code)) for code in languages}
    foreign = [Q("match_phrase", foreign_terms=terms) for terms in sorted(cut) if terms]
    return [_phrase(text, languages, 0), Q("match_phrase", roots=text), *foreign]


def ranked(inner: query.Query, asked: SearchQuery) -> query.Query:
    """Multiply scores by what depends on the document, the day and the language asked for."""
    factors = ranking()
    functions: list[Any] = [
        SF("field_value_factor", field="weight", missing=1.0),
        _factor(factors.past, Q("range", ends={"lt": timezone.localdate().isoformat()})),
    ]
    step_factor = NEXT_LANGUAGE if asked.words.is_empty else factors.fallback
    functions += [_factor(step_factor**step, Q("term", locale=code)) for step, code in enumerate(asked.locales) if step]
    return Q("function_score", query=inner, functions=functions, score_mode="multiply", boost_mode="multiply")


def after_promoted(ranked: query.Query, asked: SearchQuery) -> query.Query:
    """Put what is promoted before what matches, in its order, if what narrows the query holds for it."""
    if not asked.promoted:
        return ranked
    first = [
        Q("constant_score", filter=Q("ids", values=[key]), boost=PROMOTED * (len(asked.promoted) - place))
        for place, key in enumerate(asked.promoted)
    ]
    return Q("bool", must=[Q("dis_max", queries=[ranked, *first])], filter=conditions(asked))


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
    """Count by facet; the counts of a facet ignore its own filter.

    A cluster searches anew for each group that is filtered: facets with the same filters are one group.
    """
    filtered = [name for name in FACETS if asked.filters.get(name)]
    others: Any = search.aggs
    if filtered:
        others = search.aggs.bucket(OTHER_FACETS, "filter", filter=Q("bool", filter=filters(asked)))
    for name in FACETS:
        counted = others
        if name in filtered:
            counted = search.aggs.bucket(name, "filter", filter=Q("bool", filter=filters(asked, name)))
        counted.bucket(
            VALUES + name, "terms", field=name, size=FACET_LIMIT, order=[{"_count": "desc"}, {"_key": "asc"}]
        )


def counts_by_facet(found: Any) -> dict[str, list[tuple[str, int]]]:
    """Return what `add_facets` has counted."""
    groups = found.aggregations.to_dict()
    counts = {**groups, **groups.get(OTHER_FACETS, {})}
    counts |= {VALUES + name: groups[name][VALUES + name] for name in FACETS if name in groups}
    return {name: [(each["key"], each["doc_count"]) for each in counts[VALUES + name]["buckets"]] for name in FACETS}

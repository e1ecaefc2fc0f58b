"""Turns a query of the contract into one of Elasticsearch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from elasticsearch.dsl import Q, Search, query
from elasticsearch.dsl.function import SF

from search.engines.contract import MAX_FACET_VALUES
from search.engines.relevance_feedback import MAX_DISCRIMINATING_TERMS, RelatedDocuments
from search.linguistics.tokens import Token, tokens
from search.query.interpretation import (
    MAX_FULLY_REQUIRED_TERMS,
    PHRASE_SLOP,
    REQUIRED_SHARE,
    TIE_BREAKER,
    QueryTerm,
    RelaxationLevel,
    interpret_query,
    proximity_phrases,
    required_term_count,
    required_token_count,
)
from search.query.ranking import ranking
from search.query.search_query import FACETS, QueryWords, SearchQuery

OTHER_FACETS, VALUES = "other-facets", "by-"
FUZZINESS = "AUTO:4,8"
MAX_FUZZY_EXPANSIONS = 8
OTHER_NAME = 0.3  # in another language than the document's
# More than any score by words; a multiple of it is exact in the 32 bits of a score.
PROMOTED = 2.0**20
MIN_PREFIX_LENGTH = 4  # letters; fewer begin too many words
# Every clause costs, whatever it finds, and a cluster refuses a query of too many: long questions say enough by their
# words alone.
MAX_TERMS_WITH_PREFIXES = 4  # words of a question, each of which may be the beginning of another word
MAX_WORDS_WITH_FOREIGN_ERRORS = 3  # words of a question, each of which may be misspelt in other languages' names
MAX_PROXIMITY_PHRASES = 6
MAX_EXPANSIONS_PER_LANGUAGE = 16  # of all words of a question in one language
# Without words what is in a language stands before all in the next: more than other factors make of a document.
NEXT_LANGUAGE = 1 / 16


@dataclass(frozen=True)
class MatchOptions:
    """How words match: how many of them must, which are unknown and may be misspelt, which may be a beginning.

    `missing` has by language what none of its documents has: asking for it costs, and finds nothing.
    """

    level: RelaxationLevel
    unknown: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def may_match(self, place: QueryTerm, code: str) -> bool:
        """Whether documents of a language may have a place at all."""
        if place.expansions or len(place.tokens) != 1:
            return True
        folded = place.tokens[0].folded
        return folded not in self.missing.get(code, ()) or folded in self.unknown or folded in self.beginnings


def words_query(
    texts: dict[str, float], words: QueryWords, indices: dict[str, str], manner: MatchOptions
) -> query.Query:
    """Return what scores documents by the words; every document without words.

    `texts` are the words as typed, and as they were probably meant, with what each is worth; `indices` has the name of
    each language's index.
    """
    languages = list(indices)
    required = [_phrase(phrase, languages, 1) for phrase in words.phrases]
    if words.text:
        readings = [
            _reading(interpret_query(text, code, languages), code, indices[code], manner, factor)
            for text, factor in texts.items()
            for code in languages
        ]
        readings += [_labels(text, languages, manner, factor) for text, factor in texts.items()]
        required.append(Q("dis_max", queries=readings, tie_breaker=TIE_BREAKER))
    if not required:
        required.append(Q("match_all"))
    excluded = [part for word in words.excluded for part in _every_form(word, languages)]
    return Q("bool", must=required, must_not=excluded)


def boost_earlier_hits(matching: query.Query, keys: Sequence[str]) -> query.Query:
    """Let some documents come before the others that match: those that have more of the words than they must have."""
    bonus = Q("constant_score", filter=Q("ids", values=list(keys)), boost=ranking().words["stricter_match"])
    return Q("bool", must=[matching], should=[bonus])


def boost_related(matching: query.Query, related: RelatedDocuments) -> query.Query:
    """Let what matches come sooner if it is like the best hit."""
    bonuses = [
        Q("constant_score", filter=Q("ids", values=[key]), boost=bonus) for key, bonus in related.bonuses.items()
    ]
    return Q("bool", must=[matching], should=bonuses)


def more_like_this(index: str, key: str, **limits: Any) -> query.Query:
    """Match what has the words that tell a document apart; `limits` says more of these words."""
    like = [{"_index": index, "_id": key}]
    limits = {"max_query_terms": MAX_DISCRIMINATING_TERMS, "min_term_freq": 1, "min_doc_freq": 2} | limits
    return Q("more_like_this", fields=["title", "names", "text"], like=like, minimum_should_match="1", **limits)


def fields(languages: Sequence[str]) -> list[str]:
    """Return the fields of words with what each weighs."""
    weights = ranking().fields
    return [*_own_fields(), *(f"labels.{code}^{weights['labels']}" for code in languages)]


def _own_fields() -> list[str]:
    weights = ranking().fields
    return [*(f"{name}^{weights[name]}" for name in ("title", "names", "text")), f"aliases^{weights['text']}"]


def _reading(places: Sequence[QueryTerm], code: str, index: str, manner: MatchOptions, factor: float) -> query.Query:
    """Match a query that is read as a language, in the documents of that language."""
    if not places:
        return Q("match_none")
    names = [*_own_fields(), f"labels.{code}^{ranking().fields['labels']}"]
    if len(places) <= MAX_TERMS_WITH_PREFIXES:
        folded = frozenset(token.folded for place in places for token in place.tokens)
        manner = replace(manner, beginnings=folded)
    else:
        manner = replace(manner, beginnings=manner.unknown)
        share = max(1, MAX_EXPANSIONS_PER_LANGUAGE // len(places))
        places = [replace(place, expansions=place.expansions[:share]) for place in places]
    sought = [place for place in places if manner.may_match(place, code)]
    required = [_place(place, names, manner) for place in sought if not place.is_optional]
    asking = [_place(place, names, manner, ranking().words["optional"]) for place in sought if place.is_optional]
    least = max(required_term_count(places, manner.level), 1)
    if len(required or asking) < least:
        return Q("match_none")
    enough = Q("bool", should=required or asking, minimum_should_match=least)
    bonuses = _bonuses([token.word for place in sought for token in place.tokens], names)
    # Asked by the name of the index, so that each index drops what is not for it before it looks for a word.
    here = Q("term", _index=index)
    return Q("bool", filter=[here], must=[enough], should=[*(asking if required else ()), *bonuses], boost=factor)


def _labels(text: str, languages: Sequence[str], manner: MatchOptions, factor: float) -> query.Query:
    """Match what professions are called in any language, in documents of whatever language."""
    names = [f"labels.{code}^{ranking().fields['labels']}" for code in languages]
    share = {
        RelaxationLevel.ALL: f"{MAX_FULLY_REQUIRED_TERMS}<{REQUIRED_SHARE:.0%}",
        RelaxationLevel.HALF: "50%",
        RelaxationLevel.ANY: "1",
    }[manner.level]
    labels = Q("multi_match", query=text, fields=names, minimum_should_match=share, tie_breaker=TIE_BREAKER)
    # A name of ours outweighs any number of other names that have the words of it.
    is_short = len(text.split()) <= MAX_WORDS_WITH_FOREIGN_ERRORS
    may_be_misspelt = is_short and manner.level is not RelaxationLevel.ALL
    nearly = {"fuzziness": FUZZINESS, "max_expansions": MAX_FUZZY_EXPANSIONS} if may_be_misspelt else {}
    others = Q("match", foreign_aliases={"query": text, "minimum_should_match": share, "boost": OTHER_NAME, **nearly})
    bonuses = _bonuses(text.split(), names)
    if manner.level is not RelaxationLevel.ALL:
        # As much is due to each word of a name as to the words of a text.
        whole = Q("multi_match", query=text, fields=names, operator="and")
        due = ranking().words["per_matched_term"] * (len(text.split()) - 1)
        bonuses.append(Q("constant_score", filter=whole, boost=due))
    matching = Q("bool", must=[Q("dis_max", queries=[labels, others])], should=bonuses)
    return _due(matching, factor, manner.level)


def _place(place: QueryTerm, names: Sequence[str], manner: MatchOptions, factor: float = 1.0) -> query.Query:
    """Match the words of a place, all of them, or another name of what they name."""
    width = manner.level
    ways = [_name(expansion.text, names, expansion.boost * factor, width) for expansion in place.expansions]
    words = [_word(token, names, manner, factor) for token in place.tokens]
    if len(words) == 1:
        ways += words[0]
    elif words:
        # The name itself, or its words in whatever order, which say less.
        ways.append(_name(" ".join(token.word for token in place.tokens), names, factor, width))
        if width is RelaxationLevel.ANY:
            apart = [_place(part, names, manner, factor) for part in place.parts]
        else:
            apart = [Q("dis_max", queries=each, tie_breaker=TIE_BREAKER) for each in words]
        least = required_token_count(len(apart), width)
        ways.append(
            Q("bool", should=apart, minimum_should_match=least, boost=ranking().words["separate_words"] / len(apart))
        )
    return Q("dis_max", queries=ways, tie_breaker=TIE_BREAKER)


def _name(text: str, names: Sequence[str], factor: float, width: RelaxationLevel) -> query.Query:
    """Match words in a row in any field."""
    kind = {"type": "phrase", "slop": 1} if " " in text else {}
    return _due(Q("multi_match", query=text, fields=names, tie_breaker=TIE_BREAKER, **kind), factor, width)


def _due(matching: query.Query, factor: float, width: RelaxationLevel) -> query.Query:
    """Where not all words must match, something is due to having one, in whatever field."""
    if width is RelaxationLevel.ALL:
        return Q("bool", must=[matching], boost=factor)
    matched = Q("constant_score", filter=Q("match_all"), boost=ranking().words["per_matched_term"])
    return Q("bool", must=[matching, matched], boost=factor)


def _word(token: Token, names: Sequence[str], manner: MatchOptions, factor: float) -> list[query.Query]:
    """Return the ways in which a document may have a word."""
    factors, width = ranking().words, manner.level
    ways = [
        _due(Q("multi_match", query=token.word, fields=names, tie_breaker=TIE_BREAKER), factor, width),
        _due(Q("match", roots=token.word), factor * factors["root"], width),
    ]
    if token.folded in manner.unknown:
        nearly = {"query": token.folded, "fuzziness": FUZZINESS, "max_expansions": MAX_FUZZY_EXPANSIONS}
        nearly["fields"] = [f"title.words^{ranking().fields['title']}", "words"]
        ways.append(_due(Q("multi_match", **nearly), factor * factors["typing_error"], width))
    is_beginning = width is not RelaxationLevel.ALL and token.folded in manner.beginnings
    if is_beginning and len(token.folded) >= MIN_PREFIX_LENGTH:
        ways.append(_due(Q("prefix", words=token.folded), factor * factors["prefix"], width))
    return ways


def _bonuses(words: list[str], names: Sequence[str]) -> list[query.Query]:
    """Words that stand together, near one another, are worth more than the same words far apart."""
    if len(words) <= 1:
        return []
    pairs = proximity_phrases(words)[:MAX_PROXIMITY_PHRASES]
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


def with_ranking_factors(inner: query.Query, asked: SearchQuery) -> query.Query:
    """Multiply scores by what depends on the document, the day and the language asked for."""
    factors = ranking()
    functions: list[Any] = [
        SF("field_value_factor", field="weight", missing=1.0),
        _factor(factors.past, Q("range", ends={"lt": timezone.localdate().isoformat()})),
    ]
    step_factor = NEXT_LANGUAGE if asked.words.is_empty else factors.fallback
    functions += [_factor(step_factor**step, Q("term", locale=code)) for step, code in enumerate(asked.locales) if step]
    return Q("function_score", query=inner, functions=functions, score_mode="multiply", boost_mode="multiply")


def with_promoted_first(ranked: query.Query, asked: SearchQuery) -> query.Query:
    """Put what is promoted before what matches, in its order, if what narrows the query holds for it."""
    if not asked.promoted:
        return ranked
    first = [
        Q("constant_score", filter=Q("ids", values=[key]), boost=PROMOTED * (len(asked.promoted) - place))
        for place, key in enumerate(asked.promoted)
    ]
    return Q("bool", must=[Q("dis_max", queries=[ranked, *first])], filter=base_filters(asked))


def _factor(weight: float, condition: query.Query) -> Any:
    return SF({"filter": condition.to_dict(), "weight": weight})


def base_filters(asked: SearchQuery) -> list[query.Query]:
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


def facet_filters(asked: SearchQuery, without: str = "") -> list[query.Query]:
    """Return the filters of facets, apart from one facet's own."""
    return [Q("terms", **{name: list(values)}) for name, values in asked.filters.items() if values and name != without]


def _in_chain(locales: Sequence[str]) -> query.Query:
    """Keep each content in the first language of the chain that it has."""
    steps = [
        Q("bool", filter=[Q("term", locale=code)], must_not=[Q("term", available=each) for each in locales[:place]])
        for place, code in enumerate(locales)
    ]
    return Q("bool", should=steps, minimum_should_match=1)


def add_facet_counts(search: Search, asked: SearchQuery) -> None:
    """Count by facet; the counts of a facet ignore its own filter.

    A cluster searches anew for each group that is filtered: facets with the same filters are one group.
    """
    filtered = [name for name in FACETS if asked.filters.get(name)]
    others: Any = search.aggs
    if filtered:
        others = search.aggs.bucket(OTHER_FACETS, "filter", filter=Q("bool", filter=facet_filters(asked)))
    for name in FACETS:
        counted = others
        if name in filtered:
            counted = search.aggs.bucket(name, "filter", filter=Q("bool", filter=facet_filters(asked, name)))
        counted.bucket(
            VALUES + name, "terms", field=name, size=MAX_FACET_VALUES, order=[{"_count": "desc"}, {"_key": "asc"}]
        )


def parse_facet_counts(found: Any) -> dict[str, list[tuple[str, int]]]:
    """Return what `add_facets` has counted."""
    groups = found.aggregations.to_dict()
    counts = {**groups, **groups.get(OTHER_FACETS, {})}
    counts |= {VALUES + name: groups[name][VALUES + name] for name in FACETS if name in groups}
    return {name: [(each["key"], each["doc_count"]) for each in counts[VALUES + name]["buckets"]] for name in FACETS}

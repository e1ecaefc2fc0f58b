"""Elasticsearch queries for the search queries of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from elasticsearch.dsl import Q, Search, query
from elasticsearch.dsl.function import SF

from search.engines.contract import MAX_FACET_VALUES
from search.engines.relevance_feedback import MAX_DISCRIMINATING_TERMS, RelatedDocuments
from search.facets import facet_names
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
from search.query.search_query import QueryWords, SearchQuery

# Names of aggregations: the facets without a filter, and the values of a facet.
UNFILTERED_FACETS, VALUES = "other-facets", "by-"
FUZZINESS = "AUTO:4,8"
MAX_FUZZY_EXPANSIONS = 8
FOREIGN_ALIAS_BOOST = 0.3  # of names in another language than the document's
# More than any score by words. Multiples of it are exact in the 32 bits of a score.
PROMOTED_SCORE = 2.0**20
MIN_PREFIX_LENGTH = 4  # a shorter prefix matches too many words
# Limits of clauses: each costs time, and a cluster refuses a query with too many of them.
MAX_TERMS_WITH_PREFIXES = 4
MAX_WORDS_WITH_FOREIGN_ERRORS = 3
MAX_PROXIMITY_PHRASES = 6
MAX_EXPANSIONS_PER_LANGUAGE = 16
# In a query without words each language scores this share of the previous one: less than all other factors.
LANGUAGE_STEP = 1 / 16


@dataclass(frozen=True)
class MatchOptions:
    """Options of how words match.

    `level` says how many terms a document must match. `unknown` words may be misspelled, `prefixes` may be the
    beginning of a word. `missing` are, by language, the words that none of its documents contains: a clause for them
    costs time and matches nothing.
    """

    level: RelaxationLevel
    unknown: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def may_match(self, term: QueryTerm, code: str) -> bool:
        """Return True if documents of a language may match the term."""
        if term.expansions or len(term.tokens) != 1:
            return True
        folded = term.tokens[0].folded
        return folded not in self.missing.get(code, ()) or folded in self.unknown or folded in self.prefixes


def words_query(
    texts: dict[str, float], words: QueryWords, indices: dict[str, str], options: MatchOptions
) -> query.Query:
    """Return a query that scores documents by the words; it matches every document without words.

    `texts` are the text as typed and with corrected spelling, with their boosts. `indices` has the name of each
    language's index.
    """
    languages = list(indices)
    required = [_phrase(phrase, languages, 1) for phrase in words.phrases]
    if words.text:
        interpretations = [
            _interpretation(interpret_query(text, code, languages), code, indices[code], options, boost)
            for text, boost in texts.items()
            for code in languages
        ]
        interpretations += [_labels(text, languages, options, boost) for text, boost in texts.items()]
        required.append(Q("dis_max", queries=interpretations, tie_breaker=TIE_BREAKER))
    if not required:
        required.append(Q("match_all"))
    excluded = [clause for word in words.excluded for clause in _any_form(word, languages)]
    return Q("bool", must=required, must_not=excluded)


def boost_earlier_hits(matching: query.Query, keys: Sequence[str]) -> query.Query:
    """Add a score bonus to the documents that matched at a stricter relaxation level."""
    bonus = Q("constant_score", filter=Q("ids", values=list(keys)), boost=ranking().words["stricter_match"])
    return Q("bool", must=[matching], should=[bonus])


def boost_related(matching: query.Query, related: RelatedDocuments) -> query.Query:
    """Add the score bonuses of documents like the best hit."""
    bonuses = [
        Q("constant_score", filter=Q("ids", values=[key]), boost=bonus) for key, bonus in related.bonuses.items()
    ]
    return Q("bool", must=[matching], should=bonuses)


def more_like_this(index: str, key: str, **limits: Any) -> query.Query:
    """Match the documents that contain the discriminating terms of a document. `limits` select these terms."""
    document = [{"_index": index, "_id": key}]
    limits = {"max_query_terms": MAX_DISCRIMINATING_TERMS, "min_term_freq": 1, "min_doc_freq": 2} | limits
    return Q("more_like_this", fields=["title", "names", "text"], like=document, minimum_should_match="1", **limits)


def _fields(languages: Sequence[str]) -> list[str]:
    """Return the searched fields of a document in its language, and the labels in all languages, with factors."""
    return [*_own_language_fields(), *_label_fields(languages)]


def _own_language_fields() -> list[str]:
    factors = ranking().fields
    return [*(f"{name}^{factors[name]}" for name in ("title", "names", "text")), f"aliases^{factors['text']}"]


def _label_fields(languages: Sequence[str]) -> list[str]:
    return [f"labels.{code}^{ranking().fields['labels']}" for code in languages]


def _interpretation(
    terms: Sequence[QueryTerm], code: str, index: str, options: MatchOptions, boost: float
) -> query.Query:
    """Match a query that is interpreted in the language `code`, in the documents of that language."""
    if not terms:
        return Q("match_none")
    fields = [*_own_language_fields(), *_label_fields([code])]
    if len(terms) <= MAX_TERMS_WITH_PREFIXES:
        options = replace(options, prefixes=frozenset(token.folded for term in terms for token in term.tokens))
    else:
        options = replace(options, prefixes=options.unknown)
        max_expansions = max(1, MAX_EXPANSIONS_PER_LANGUAGE // len(terms))
        terms = [replace(term, expansions=term.expansions[:max_expansions]) for term in terms]
    possible = [term for term in terms if options.may_match(term, code)]
    required = [_term(term, fields, options) for term in possible if not term.is_optional]
    optional = [_term(term, fields, options, ranking().words["optional"]) for term in possible if term.is_optional]
    minimum = max(required_term_count(terms, options.level), 1)
    if len(required or optional) < minimum:
        return Q("match_none")
    matching = Q("bool", should=required or optional, minimum_should_match=minimum)
    bonuses = _proximity_bonuses([token.word for term in possible for token in term.tokens], fields)
    # With a filter on its name, each index drops the queries for other languages before it looks up a word.
    in_index = Q("term", _index=index)
    return Q(
        "bool", filter=[in_index], must=[matching], should=[*(optional if required else ()), *bonuses], boost=boost
    )


def _labels(text: str, languages: Sequence[str], options: MatchOptions, boost: float) -> query.Query:
    """Match names of professions in any language, in documents of all languages."""
    fields = _label_fields(languages)
    minimum = {
        RelaxationLevel.ALL: f"{MAX_FULLY_REQUIRED_TERMS}<{REQUIRED_SHARE:.0%}",
        RelaxationLevel.HALF: "50%",
        RelaxationLevel.ANY: "1",
    }[options.level]
    is_relaxed = options.level is not RelaxationLevel.ALL
    labels = Q("multi_match", query=text, fields=fields, minimum_should_match=minimum, tie_breaker=TIE_BREAKER)
    words = text.split()
    # The better of the two scores counts, not their sum: a label outweighs any number of aliases with its words.
    fuzzy = (
        {"fuzziness": FUZZINESS, "max_expansions": MAX_FUZZY_EXPANSIONS}
        if is_relaxed and len(words) <= MAX_WORDS_WITH_FOREIGN_ERRORS
        else {}
    )
    alias_match = {"query": text, "minimum_should_match": minimum, "boost": FOREIGN_ALIAS_BOOST, **fuzzy}
    aliases = Q("match", foreign_aliases=alias_match)
    bonuses = _proximity_bonuses(words, fields)
    if is_relaxed:
        # Each word of a matching label adds the bonus of a matched term, like the words of a text.
        whole_label = Q("multi_match", query=text, fields=fields, operator="and")
        bonus = ranking().words["per_matched_term"] * (len(words) - 1)
        bonuses.append(Q("constant_score", filter=whole_label, boost=bonus))
    matching = Q("bool", must=[Q("dis_max", queries=[labels, aliases])], should=bonuses)
    return _with_match_bonus(matching, boost, options.level)


def _term(term: QueryTerm, fields: Sequence[str], options: MatchOptions, boost: float = 1.0) -> query.Query:
    """Match all words of a term, or one of its expansions."""
    level = options.level
    alternatives = [_name(expansion.text, fields, expansion.boost * boost, level) for expansion in term.expansions]
    words = [_word_alternatives(token, fields, options, boost) for token in term.tokens]
    if len(words) == 1:
        alternatives += words[0]
    elif words:
        # The words of the name as a phrase, or in any order with a lower boost.
        alternatives.append(_name(" ".join(token.word for token in term.tokens), fields, boost, level))
        if level is RelaxationLevel.ANY:
            separate = [_term(part, fields, options, boost) for part in term.parts]
        else:
            separate = [Q("dis_max", queries=word, tie_breaker=TIE_BREAKER) for word in words]
        minimum = required_token_count(len(separate), level)
        factor = ranking().words["separate_words"] / len(separate)
        alternatives.append(Q("bool", should=separate, minimum_should_match=minimum, boost=factor))
    return Q("dis_max", queries=alternatives, tie_breaker=TIE_BREAKER)


def _name(text: str, fields: Sequence[str], boost: float, level: RelaxationLevel) -> query.Query:
    """Match the words of a text in a row in any field."""
    phrase = {"type": "phrase", "slop": 1} if " " in text else {}
    matching = Q("multi_match", query=text, fields=fields, tie_breaker=TIE_BREAKER, **phrase)
    return _with_match_bonus(matching, boost, level)


def _with_match_bonus(matching: query.Query, boost: float, level: RelaxationLevel) -> query.Query:
    """Return the boosted query; a relaxed query adds the bonus of a matched term."""
    if level is RelaxationLevel.ALL:
        return Q("bool", must=[matching], boost=boost)
    bonus = Q("constant_score", filter=Q("match_all"), boost=ranking().words["per_matched_term"])
    return Q("bool", must=[matching, bonus], boost=boost)


def _word_alternatives(token: Token, fields: Sequence[str], options: MatchOptions, boost: float) -> list[query.Query]:
    """Return queries for the forms of a word: its stem, its root, similar words and longer words."""
    factors, level = ranking().words, options.level
    stem = Q("multi_match", query=token.word, fields=fields, tie_breaker=TIE_BREAKER)
    alternatives = [
        _with_match_bonus(stem, boost, level),
        _with_match_bonus(Q("match", roots=token.word), boost * factors["root"], level),
    ]
    if token.folded in options.unknown:
        similar = Q(
            "multi_match",
            query=token.folded,
            fields=[f"title.words^{ranking().fields['title']}", "words"],
            fuzziness=FUZZINESS,
            max_expansions=MAX_FUZZY_EXPANSIONS,
        )
        alternatives.append(_with_match_bonus(similar, boost * factors["typing_error"], level))
    may_be_prefix = level is not RelaxationLevel.ALL and token.folded in options.prefixes
    if may_be_prefix and len(token.folded) >= MIN_PREFIX_LENGTH:
        alternatives.append(_with_match_bonus(Q("prefix", words=token.folded), boost * factors["prefix"], level))
    return alternatives


def _proximity_bonuses(words: list[str], fields: Sequence[str]) -> list[query.Query]:
    """Return queries that raise the score of documents in which the words stand together."""
    if len(words) <= 1:
        return []
    phrases = proximity_phrases(words)[:MAX_PROXIMITY_PHRASES]
    options = {"type": "phrase", "slop": PHRASE_SLOP, "boost": ranking().words["phrase"] / len(phrases)}
    return [Q("multi_match", query=" ".join(phrase), fields=fields, **options) for phrase in phrases]


def _phrase(text: str, languages: Sequence[str], slop: int) -> query.Query:
    return Q("multi_match", query=text, fields=[*_fields(languages), "foreign_aliases"], type="phrase", slop=slop)


def _any_form(text: str, languages: Sequence[str]) -> list[query.Query]:
    """Return queries that match a word in any form in any searched field, for excluded words."""
    term_texts = {" ".join(token.term for token in tokens(text, code)) for code in languages}
    foreign = [Q("match_phrase", foreign_terms=terms) for terms in sorted(term_texts) if terms]
    return [_phrase(text, languages, 0), Q("match_phrase", roots=text), *foreign]


def with_ranking_factors(matching: query.Query, search_query: SearchQuery) -> query.Query:
    """Multiply scores by the factors of the document, the day and the requested language."""
    factors = ranking()
    functions: list[Any] = [
        SF("field_value_factor", field="weight", missing=1.0),
        _factor(factors.past, Q("range", over={"lte": timezone.now().isoformat(timespec="seconds")})),
    ]
    step_factor = LANGUAGE_STEP if search_query.words.is_empty else factors.fallback
    functions += [
        _factor(step_factor**step, Q("term", locale=code)) for step, code in enumerate(search_query.locales) if step
    ]
    return Q("function_score", query=matching, functions=functions, score_mode="multiply", boost_mode="multiply")


def _factor(weight: float, condition: query.Query) -> Any:
    return SF({"filter": condition.to_dict(), "weight": weight})


def with_promoted_first(ranked: query.Query, search_query: SearchQuery) -> query.Query:
    """Put the promoted documents that the filters keep before the matches, in their order."""
    promoted = search_query.promoted
    if not promoted:
        return ranked
    first = [
        Q("constant_score", filter=Q("ids", values=[key]), boost=PROMOTED_SCORE * (len(promoted) - index))
        for index, key in enumerate(promoted)
    ]
    return Q("bool", must=[Q("dis_max", queries=[ranked, *first])], filter=base_filters(search_query))


def base_filters(search_query: SearchQuery) -> list[query.Query]:
    """Return the filters of a query, except those of facets."""
    # A document without expiry has no value in the field.
    filters = [Q("bool", should=[Q("range", expires={"gt": "now"}), ~Q("exists", field="expires")])]
    if search_query.concept:
        filters.append(Q("term", concept=search_query.concept))
    if search_query.from_day:
        filters.append(Q("range", ends={"gte": search_query.from_day.isoformat()}))
    if search_query.to_day:
        filters.append(Q("range", starts={"lte": search_query.to_day.isoformat()}))
    if search_query.locales:
        filters.append(_in_first_available_language(search_query.locales))
    return filters


def facet_filters(search_query: SearchQuery, ignored: str = "") -> list[query.Query]:
    """Return the filters of facets, except that of the ignored facet."""
    filters = search_query.filters.items()
    return [Q("terms", **{name: list(values)}) for name, values in filters if values and name != ignored]


def _in_first_available_language(locales: Sequence[str]) -> query.Query:
    """Match each content only in the first of the languages in which it is published."""
    alternatives = [
        Q("bool", filter=[Q("term", locale=code)], must_not=[Q("term", available=other) for other in locales[:index]])
        for index, code in enumerate(locales)
    ]
    return Q("bool", should=alternatives, minimum_should_match=1)


def add_facet_counts(search: Search, search_query: SearchQuery) -> None:
    """Add the aggregations that count each facet. The counts of a facet ignore its own filter.

    A cluster searches again for each filter aggregation: the facets without a filter share one.
    """
    names = facet_names()
    filtered = [name for name in names if search_query.filters.get(name)]
    unfiltered: Any = search.aggs
    if filtered:
        all_filters = Q("bool", filter=facet_filters(search_query))
        unfiltered = search.aggs.bucket(UNFILTERED_FACETS, "filter", filter=all_filters)
    order = [{"_count": "desc"}, {"_key": "asc"}]
    for name in names:
        parent = unfiltered
        if name in filtered:
            other_filters = Q("bool", filter=facet_filters(search_query, name))
            parent = search.aggs.bucket(name, "filter", filter=other_filters)
        parent.bucket(VALUES + name, "terms", field=name, size=MAX_FACET_VALUES, order=order)


def parse_facet_counts(response: Any) -> dict[str, list[tuple[str, int]]]:
    """Return (value, count) by facet from the aggregations of `add_facet_counts`."""
    names = facet_names()
    groups = response.aggregations.to_dict()
    counts = {**groups, **groups.get(UNFILTERED_FACETS, {})}
    counts |= {VALUES + name: groups[name][VALUES + name] for name in names if name in groups}
    return {
        name: [(bucket["key"], bucket["doc_count"]) for bucket in counts[VALUES + name]["buckets"]] for name in names
    }

"""Puts a query to the cluster as it was typed, then with less of its words until enough is found."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from elasticsearch import BadRequestError, ConnectionTimeout, Elasticsearch
from elasticsearch.dsl import Q, Search

from search.engines.contract import SUGGESTION_THRESHOLD, Answer, Hit
from search.engines.relevance_feedback import (
    MAX_DOCUMENT_SHARE,
    MAX_SIMILAR,
    MIN_DOCUMENTS,
    NO_RELATED_DOCUMENTS,
    RelatedDocuments,
    related_documents,
)
from search.linguistics.languages import language_codes
from search.linguistics.spelling import correct_spelling
from search.query.highlighting import MAX_ANALYZED_CHARACTERS
from search.query.interpretation import (
    ENOUGH_HITS,
    RelaxationLevel,
    allows_related_hits,
    has_several_terms,
    interpret_query,
    required_term_count,
)
from search.query.ranking import ranking
from search.query.search_query import QueryWords, SearchQuery

from . import query_dsl
from .circuit_breaker import SEARCH_TIMEOUT, with_deadline
from .cluster_vocabulary import load_vocabulary, written_form
from .indices import index_name

logger = logging.getLogger(__name__)

# Seconds without which it is no use to ask again.
MIN_REMAINING_SECONDS = 0.3
# Words of a question that a cluster has refused, which are asked for after that.
MAX_WORDS_AFTER_REFUSAL = 8
# An answer of some shards only would seem to be all there is.
ALL_SHARDS = {"allow_partial_search_results": False}
MARKS = {"pre_tags": ["<mark>"], "post_tags": ["</mark>"]}


@dataclass(frozen=True)
class SearchAttempt:
    """How a query is put this time: the words as they are read, and how many of them must match.

    `first` are keys of what the attempts before it have found. `unknown` are words that no document has, `missing` by
    language those that none of its documents has. `alike` is what is like the best hit.
    """

    texts: dict[str, float]
    level: RelaxationLevel = RelaxationLevel.ALL
    first: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    missing: dict[str, frozenset[str]] = field(default_factory=dict)
    alike: RelatedDocuments = NO_RELATED_DOCUMENTS


def execute_search(client: Elasticsearch, alias: str, query: SearchQuery, *, highlight: bool) -> Answer:
    """Return the answer of the index behind an alias."""
    # Whether enough has the words is asked without what is promoted, which need not have any.
    asked = SearchExecution(client, alias, replace(query, promoted=()), time.monotonic() + SEARCH_TIMEOUT)
    attempt, suggestion = SearchAttempt({query.words.text: 1.0}), ""
    found = asked.page(attempt, highlight=highlight)
    if query.words.text and found.hits.total.value < ENOUGH_HITS:
        widened, suggestion = asked.widened(attempt, found)
        if widened != attempt:
            attempt, found = asked.better(widened, attempt, found, highlight=highlight)
    if query.promoted:
        found = replace(asked, query=query).page(attempt, highlight=highlight)
    count = found.hits.total.value
    hits = [*map(to_hit, found), *attempt.alike.hits_after(query, count)]
    return Answer(count, hits, query_dsl.parse_facet_counts(found), suggestion)


def to_hit(found: Any) -> Hit:
    """Return what the cluster has found as a hit of the contract."""
    marked = found.meta.highlight.to_dict() if "highlight" in found.meta else {}
    fragments = {"title": marked.get("title"), "text": marked.get("text") or marked.get("names")}
    return Hit(
        found.content_id,
        found.locale,
        found.meta.score or 0.0,
        {name: " … ".join(parts) for name, parts in fragments.items() if parts},
    )


@dataclass(frozen=True)
class SearchExecution:
    """A query to the index behind an alias, to be answered until a moment of the monotonic clock."""

    client: Elasticsearch
    alias: str
    query: SearchQuery
    end: float

    @property
    def languages(self) -> Sequence[str]:
        return self.query.locales or language_codes()

    def page(self, attempt: SearchAttempt, *, highlight: bool) -> Any:
        """Return the hits of the page asked for, with facets; of fewer words if the cluster refuses so many."""
        return self._unless_refused(attempt, partial(self._page, highlight=highlight))

    def better(
        self, widened: SearchAttempt, attempt: SearchAttempt, found: Any, *, highlight: bool
    ) -> tuple[SearchAttempt, Any]:
        """Return the widened attempt and what it finds, or the attempt before it if that takes too long."""
        try:
            return widened, self.page(widened, highlight=highlight)
        except ConnectionTimeout:
            self._warn(widened)
            return attempt, found

    def widened(self, attempt: SearchAttempt, found: Any) -> tuple[SearchAttempt, str]:
        """Return how to ask, of words as they were probably meant or less of them, to find enough; and what was meant.

        How wide a question is does not change by ticking one of the values that it was answered with.
        """
        text, languages, unticked = (
            self.query.words.text,
            self.languages,
            replace(self, query=self.query.without_facet_filters),
        )
        is_ticked, matching = self.query.has_facet_filters, found.hits.total.value
        if is_ticked or self.query.offset or self.query.limit < matching or self.query.sort != "relevance":
            found = unticked._first(attempt)
        with_all = found.hits.total.value
        if matching and with_all >= ENOUGH_HITS:
            return attempt, ""
        words = load_vocabulary(with_deadline(self.client, self.end), self.alias, text, languages)
        texts = {correct_spelling(text, languages, words): ranking().words["respelled"], text: 1.0}
        widths = _widths(text, languages)
        if words.unknown or len(texts) > 1:
            attempt, widths = replace(attempt, texts=texts, unknown=words.unknown), (RelaxationLevel.ALL, *widths)
        attempt = replace(attempt, missing=words.missing)
        several = has_several_terms(text, languages)
        try:
            for width in widths:
                if time.monotonic() > self.end - MIN_REMAINING_SECONDS:
                    break
                first = (*attempt.first, *(each.meta.id for each in found)) if several else ()
                attempt = replace(attempt, level=width, first=tuple(dict.fromkeys(first)))
                found = unticked._first(attempt)
                in_all = found.hits.total.value
                with_all = in_all if width is RelaxationLevel.ALL else with_all
                if in_all >= ENOUGH_HITS and (not is_ticked or self._first(attempt).hits.total.value):
                    break
            if (
                len(found)
                and self.query.is_plain
                and any(allows_related_hits(each, languages) for each in attempt.texts)
            ):
                alike = unticked._alike(found[0], words.documents)
                is_enough = is_ticked or found.hits.total.value >= ENOUGH_HITS
                own = {each.meta.id for each in found}
                attempt = replace(
                    attempt, alike=related_documents(alike, found[0].meta.score, own, is_enough=is_enough)
                )
        except ConnectionTimeout:
            self._warn(attempt)
        if with_all >= SUGGESTION_THRESHOLD:
            return attempt, ""
        return attempt, words.suggestion(text, languages, partial(self._written, languages[0]))

    def _alike(self, best: Any, documents: dict[str, int]) -> list[Hit]:
        """Return what is like a hit in its language, that hit first."""
        index = best.meta.index
        number = next(number for code, number in documents.items() if index_name(self.alias, code) == index)
        if number < MIN_DOCUMENTS:
            return []
        like = query_dsl.more_like_this(
            index, best.meta.id, include=True, max_doc_freq=int(MAX_DOCUMENT_SHARE * number)
        )
        search = self._search(like).filter("term", _index=index).source(["content_id", "locale"])
        for condition in (*query_dsl.base_filters(self.query), *query_dsl.facet_filters(self.query)):
            search = search.filter(condition)
        return [to_hit(each) for each in search.extra(size=MAX_SIMILAR).execute()]

    def _first(self, attempt: SearchAttempt) -> Any:
        """Return the first hits, and whether there are enough of them."""

        def asked(attempt: SearchAttempt, words: QueryWords) -> Any:
            search = self._search(self._matching(attempt, words)).extra(size=ENOUGH_HITS, track_total_hits=ENOUGH_HITS)
            return search.filter("bool", filter=query_dsl.facet_filters(self.query)).source(False).execute()

        return self._unless_refused(attempt, asked)

    def _page(self, attempt: SearchAttempt, words: QueryWords, *, highlight: bool) -> Any:
        query = self.query
        search = self._search(query_dsl.with_promoted_first(self._matching(attempt, words), query))
        search = search.post_filter(Q("bool", filter=query_dsl.facet_filters(query)))
        query_dsl.add_facet_counts(search, query)
        if query.sort == "date":
            search = search.sort({"date": {"order": "desc", "missing": "_last"}}, "sequence")
        elif query.sort == "title":
            search = search.sort("sort_title", "sequence")
        else:
            search = search.sort("_score", "sequence")
        if highlight:
            search = search.highlight_options(
                encoder="html", require_field_match=False, max_analyzed_offset=MAX_ANALYZED_CHARACTERS, **MARKS
            )
            search = search.highlight("title", number_of_fragments=0)
            search = search.highlight("text", "names", fragment_size=220, number_of_fragments=1)
        search = search.source(["content_id", "locale"])
        return search.extra(from_=query.offset, size=query.limit, track_total_hits=True).execute()

    def _matching(self, attempt: SearchAttempt, words: QueryWords) -> Any:
        indices = {code: index_name(self.alias, code) for code in self.languages}
        manner = query_dsl.MatchOptions(attempt.level, attempt.unknown, missing=attempt.missing)
        matching = query_dsl.words_query(attempt.texts, words, indices, manner)
        if attempt.first:
            matching = query_dsl.boost_earlier_hits(matching, attempt.first)
        if attempt.alike.bonuses:
            matching = query_dsl.boost_related(matching, attempt.alike)
        conditions = query_dsl.base_filters(self.query)
        return query_dsl.with_ranking_factors(Q("bool", must=[matching], filter=conditions), self.query)

    def _search(self, matching: Any) -> Search:
        return Search(using=with_deadline(self.client, self.end), index=self.alias).params(**ALL_SHARDS).query(matching)

    def _unless_refused(self, attempt: SearchAttempt, ask: Any) -> Any:
        words = self.query.words
        try:
            return ask(attempt, words)
        except BadRequestError as error:
            logger.warning("Asked for %d words only, for the cluster refused more: %s", MAX_WORDS_AFTER_REFUSAL, error)
            few = QueryWords(
                _start(words.text), tuple(map(_start, words.phrases[:1])), words.excluded[:MAX_WORDS_AFTER_REFUSAL]
            )
            texts = {_start(text): factor for text, factor in attempt.texts.items()}
            return ask(replace(attempt, texts=texts, unknown=frozenset()), few)

    def _written(self, code: str, folded: str) -> str:
        return written_form(with_deadline(self.client, self.end), index_name(self.alias, code), code, folded)

    def _warn(self, attempt: SearchAttempt) -> None:
        text = self.query.words.text
        logger.warning("What was found so far is the answer: %s took too long for %r", attempt.level.name, text)


def _widths(text: str, languages: Sequence[str]) -> tuple[RelaxationLevel, ...]:
    """Return the widths after the first that differ: of two words, half is one."""
    places = interpret_query(text, languages[0], languages)
    return (
        (RelaxationLevel.ANY,)
        if required_term_count(places, RelaxationLevel.HALF) == required_term_count(places, RelaxationLevel.ANY)
        else (RelaxationLevel.HALF, RelaxationLevel.ANY)
    )


def _start(text: str) -> str:
    return " ".join(text.split()[:MAX_WORDS_AFTER_REFUSAL])

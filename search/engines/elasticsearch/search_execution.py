"""The execution of a search query on the cluster: relaxed step by step while it has few hits, within a deadline."""

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
from search.query.highlighting import FRAGMENT_LENGTH, MAX_ANALYZED_CHARACTERS
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

# With less time until the deadline no further request is made.
MIN_REMAINING_SECONDS = 0.3
# Limit of words after the cluster has refused a query.
MAX_WORDS_AFTER_REFUSAL = 8
# An answer from some of the shards would look complete.
ALL_SHARDS = {"allow_partial_search_results": False}
MARKS = {"pre_tags": ["<mark>"], "post_tags": ["</mark>"]}


@dataclass(frozen=True)
class SearchAttempt:
    """One attempt to find enough hits: the texts with their boosts, and how many terms a document must match.

    `earlier_keys` are the keys of hits of stricter attempts. `unknown` are words that no document contains, `missing`
    by language those that none of its documents contains. `related` are the documents like the best hit.
    """

    texts: dict[str, float]
    level: RelaxationLevel = RelaxationLevel.ALL
    earlier_keys: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    missing: dict[str, frozenset[str]] = field(default_factory=dict)
    related: RelatedDocuments = NO_RELATED_DOCUMENTS


def execute_search(client: Elasticsearch, alias: str, query: SearchQuery, *, highlight: bool) -> Answer:
    """Return the answer of the index behind an alias."""
    # Promoted documents need not match: they are added after the level of relaxation is known.
    deadline = time.monotonic() + SEARCH_TIMEOUT
    execution = SearchExecution(client, alias, replace(query, promoted=()), deadline)
    attempt, suggestion = SearchAttempt({query.words.text: 1.0}), ""
    response = execution.page(attempt, highlight=highlight)
    if query.words.text and response.hits.total.value < ENOUGH_HITS:
        relaxed, suggestion = execution.relaxed(attempt, response)
        if relaxed != attempt:
            attempt, response = execution.page_or_previous(relaxed, attempt, response, highlight=highlight)
    if query.promoted:
        response = replace(execution, query=query).page(attempt, highlight=highlight)
    count = response.hits.total.value
    hits = [*map(to_hit, response), *attempt.related.hits_after(query, count)]
    return Answer(count, hits, query_dsl.parse_facet_counts(response), suggestion)


def to_hit(found: Any) -> Hit:
    """Return a hit of the contract for a hit of the cluster."""
    highlights = found.meta.highlight.to_dict() if "highlight" in found.meta else {}
    fragments = {"title": highlights.get("title"), "text": highlights.get("text") or highlights.get("names")}
    return Hit(
        found.content_id,
        found.locale,
        found.meta.score or 0.0,
        {name: " … ".join(parts) for name, parts in fragments.items() if parts},
    )


@dataclass(frozen=True)
class SearchExecution:
    """A query to the index behind an alias, with a deadline on the monotonic clock."""

    client: Elasticsearch
    alias: str
    query: SearchQuery
    deadline: float

    @property
    def languages(self) -> Sequence[str]:
        return self.query.locales or language_codes()

    def page(self, attempt: SearchAttempt, *, highlight: bool) -> Any:
        """Return the requested page of hits with facet counts, for fewer words if the cluster refuses the query."""
        return self._with_fewer_words_if_refused(attempt, partial(self._page, highlight=highlight))

    def page_or_previous(
        self, attempt: SearchAttempt, previous: SearchAttempt, response: Any, *, highlight: bool
    ) -> tuple[SearchAttempt, Any]:
        """Return the attempt and its page; the previous attempt and its response after a timeout."""
        try:
            return attempt, self.page(attempt, highlight=highlight)
        except ConnectionTimeout:
            self._warn_timeout(attempt)
            return previous, response

    def relaxed(self, attempt: SearchAttempt, response: Any) -> tuple[SearchAttempt, str]:
        """Return an attempt that corrects the spelling or requires fewer terms to have enough hits, and a suggestion.

        Facet filters do not change the level: the counts that an answer shows stay true when one of its values is
        chosen, unless no hit would be left.
        """
        query, text, languages = self.query, self.query.words.text, self.languages
        unfiltered = replace(self, query=query.without_facet_filters)
        is_filtered, count = query.has_facet_filters, response.hits.total.value
        if is_filtered or query.offset or query.limit < count or query.sort != "relevance":
            response = unfiltered._first_hits(attempt)
        strict_count = response.hits.total.value
        if count and strict_count >= ENOUGH_HITS:
            return attempt, ""
        vocabulary = load_vocabulary(with_deadline(self.client, self.deadline), self.alias, text, languages)
        texts = {correct_spelling(text, languages, vocabulary): ranking().words["respelled"], text: 1.0}
        levels = _relaxed_levels(text, languages)
        if vocabulary.unknown or len(texts) > 1:
            attempt = replace(attempt, texts=texts, unknown=vocabulary.unknown)
            levels = (RelaxationLevel.ALL, *levels)
        attempt = replace(attempt, missing=vocabulary.missing)
        has_several = has_several_terms(text, languages)
        try:
            for level in levels:
                if time.monotonic() > self.deadline - MIN_REMAINING_SECONDS:
                    break
                keys = (*attempt.earlier_keys, *(hit.meta.id for hit in response)) if has_several else ()
                attempt = replace(attempt, level=level, earlier_keys=tuple(dict.fromkeys(keys)))
                response = unfiltered._first_hits(attempt)
                unfiltered_count = response.hits.total.value
                strict_count = unfiltered_count if level is RelaxationLevel.ALL else strict_count
                if unfiltered_count >= ENOUGH_HITS and (not is_filtered or self._first_hits(attempt).hits.total.value):
                    break
            may_have_related = len(response) and query.is_plain
            if may_have_related and any(allows_related_hits(variant, languages) for variant in attempt.texts):
                similar = unfiltered._similar(response[0], vocabulary.documents)
                is_enough = is_filtered or response.hits.total.value >= ENOUGH_HITS
                keys_of_hits = {hit.meta.id for hit in response}
                best_score = response[0].meta.score
                related = related_documents(similar, best_score, keys_of_hits, is_enough=is_enough)
                attempt = replace(attempt, related=related)
        except ConnectionTimeout:
            self._warn_timeout(attempt)
        if strict_count >= SUGGESTION_THRESHOLD:
            return attempt, ""
        return attempt, vocabulary.suggestion(text, languages, partial(self._written_form, languages[0]))

    def _similar(self, best: Any, documents: dict[str, int]) -> list[Hit]:
        """Return the documents like the best hit, in its language, that hit first."""
        index = best.meta.index
        number = next(number for code, number in documents.items() if index_name(self.alias, code) == index)
        if number < MIN_DOCUMENTS:
            return []
        max_documents = int(MAX_DOCUMENT_SHARE * number)
        like_best = query_dsl.more_like_this(index, best.meta.id, include=True, max_doc_freq=max_documents)
        search = self._search(like_best).filter("term", _index=index).source(["content_id", "locale"])
        for condition in (*query_dsl.base_filters(self.query), *query_dsl.facet_filters(self.query)):
            search = search.filter(condition)
        return [to_hit(found) for found in search.extra(size=MAX_SIMILAR).execute()]

    def _first_hits(self, attempt: SearchAttempt) -> Any:
        """Return the keys of the first hits, and their number up to ENOUGH_HITS."""

        def search_words(attempt: SearchAttempt, words: QueryWords) -> Any:
            search = self._search(self._matching(attempt, words)).extra(size=ENOUGH_HITS, track_total_hits=ENOUGH_HITS)
            return search.filter("bool", filter=query_dsl.facet_filters(self.query)).source(False).execute()

        return self._with_fewer_words_if_refused(attempt, search_words)

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
            search = search.highlight("text", "names", fragment_size=FRAGMENT_LENGTH, number_of_fragments=1)
        search = search.source(["content_id", "locale"])
        return search.extra(from_=query.offset, size=query.limit, track_total_hits=True).execute()

    def _matching(self, attempt: SearchAttempt, words: QueryWords) -> Any:
        """Return the ranked query of an attempt, with all filters except those of facets."""
        indices = {code: index_name(self.alias, code) for code in self.languages}
        options = query_dsl.MatchOptions(attempt.level, attempt.unknown, missing=attempt.missing)
        matching = query_dsl.words_query(attempt.texts, words, indices, options)
        if attempt.earlier_keys:
            matching = query_dsl.boost_earlier_hits(matching, attempt.earlier_keys)
        if attempt.related.bonuses:
            matching = query_dsl.boost_related(matching, attempt.related)
        filtered = Q("bool", must=[matching], filter=query_dsl.base_filters(self.query))
        return query_dsl.with_ranking_factors(filtered, self.query)

    def _search(self, matching: Any) -> Search:
        client = with_deadline(self.client, self.deadline)
        return Search(using=client, index=self.alias).params(**ALL_SHARDS).query(matching)

    def _with_fewer_words_if_refused(self, attempt: SearchAttempt, execute: Any) -> Any:
        """Return the response; execute again with fewer words if the cluster refuses the query as too large."""
        words = self.query.words
        try:
            return execute(attempt, words)
        except BadRequestError as error:
            logger.warning(
                "The cluster refused the query; it is sent again with %d words: %s", MAX_WORDS_AFTER_REFUSAL, error
            )
            fewer = QueryWords(
                _first_words(words.text),
                tuple(map(_first_words, words.phrases[:1])),
                words.excluded[:MAX_WORDS_AFTER_REFUSAL],
            )
            texts = {_first_words(text): boost for text, boost in attempt.texts.items()}
            return execute(replace(attempt, texts=texts, unknown=frozenset()), fewer)

    def _written_form(self, code: str, folded: str) -> str:
        client = with_deadline(self.client, self.deadline)
        return written_form(client, index_name(self.alias, code), code, folded)

    def _warn_timeout(self, attempt: SearchAttempt) -> None:
        text = self.query.words.text
        logger.warning("Relaxation level %s timed out for %r; the previous hits are used", attempt.level.name, text)


def _relaxed_levels(text: str, languages: Sequence[str]) -> tuple[RelaxationLevel, ...]:
    """Return the levels after ALL, without HALF if it requires as many terms as ANY."""
    terms = interpret_query(text, languages[0], languages)
    half, any_term = (required_term_count(terms, level) for level in (RelaxationLevel.HALF, RelaxationLevel.ANY))
    return (RelaxationLevel.ANY,) if half == any_term else (RelaxationLevel.HALF, RelaxationLevel.ANY)


def _first_words(text: str) -> str:
    return " ".join(text.split()[:MAX_WORDS_AFTER_REFUSAL])

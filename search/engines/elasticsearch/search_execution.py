"""The execution of a search query on the cluster: relaxed step by step while it has few hits, within a deadline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from elasticsearch import ApiError, BadRequestError, ConnectionTimeout, Elasticsearch
from elasticsearch.dsl import MultiSearch, Q, Search

from search.engines.contract import SUGGESTION_THRESHOLD, Answer, EngineUnavailable, Hit
from search.engines.relevance_feedback import (
    MAX_DOCUMENT_SHARE,
    MAX_SIMILAR,
    MIN_DOCUMENTS,
    NO_RELATED_DOCUMENTS,
    RelatedDocuments,
    related_documents,
)
from search.linguistics.languages import language_codes
from search.linguistics.spelling import correct_spelling, load_vocabularies
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

from . import circuit_breaker as limits
from . import query_dsl
from .circuit_breaker import CircuitBreaker
from .cluster_vocabulary import ClusterVocabulary, parse_vocabulary, vocabulary_searches, words_of, written_form
from .indices import index_name

logger = logging.getLogger(__name__)

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


@dataclass(frozen=True)
class FirstStage:
    """The responses to the first request: the page, the first hits without facet filters if needed, the vocabulary."""

    page: Any
    unfiltered: Any | None = None
    vocabulary: ClusterVocabulary | None = None


@dataclass(frozen=True)
class Relaxation:
    """The relaxed attempt and the suggested spelling. It is partial if the cluster was too slow for all steps."""

    attempt: SearchAttempt
    suggestion: str = ""
    is_partial: bool = False


def execute_search(
    client: Elasticsearch,
    alias: str,
    query: SearchQuery,
    circuit_breaker: CircuitBreaker,
    *,
    highlight: bool,
    missing: frozenset[str] = frozenset(),
) -> Answer:
    """Return the answer of the index behind an alias; `missing` are the languages whose index is lost.

    Raises EngineUnavailable instead of a partial answer without hits: it could not say that nothing matches.
    """
    # Promoted documents need not match: they are added after the level of relaxation is known.
    load_vocabularies(query.locales or language_codes())
    deadline = time.monotonic() + limits.SEARCH_SECONDS
    execution = SearchExecution(client, alias, replace(query, promoted=()), deadline, circuit_breaker, missing)
    is_partial = execution.lacks_language()
    attempt, suggestion = SearchAttempt({query.words.text: 1.0}), ""
    first = execution.first_stage(attempt, highlight=highlight)
    response = first.page
    if query.words.text and response.hits.total.value < ENOUGH_HITS:
        relaxation = execution.relaxed(attempt, first)
        suggestion, is_partial = relaxation.suggestion, is_partial or relaxation.is_partial
        if relaxation.attempt != attempt:
            try:
                response = execution.page(relaxation.attempt, highlight=highlight)
                attempt = relaxation.attempt
            except ConnectionTimeout:
                execution.warn_timeout(relaxation.attempt)
                is_partial = True
    if query.promoted:
        response = replace(execution, query=query).page(attempt, highlight=highlight)
    count = response.hits.total.value
    if is_partial and not count:
        raise EngineUnavailable("the cluster did not answer completely, and nothing was found")
    hits = [*map(to_hit, response), *attempt.related.hits_after(query, count)]
    return Answer(count, hits, query_dsl.parse_facet_counts(response), suggestion, is_partial)


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
    """A query to the index behind an alias, with a deadline on the monotonic clock, without the missing languages."""

    client: Elasticsearch
    alias: str
    query: SearchQuery
    deadline: float
    circuit_breaker: CircuitBreaker
    missing: frozenset[str]

    @property
    def languages(self) -> Sequence[str]:
        return [code for code in self.query.locales or language_codes() if code not in self.missing]

    def lacks_language(self) -> bool:
        """Return True if the index of a searched language is lost.

        Raises EngineUnavailable if it is the requested language.
        """
        lost = [code for code in self.query.locales or language_codes() if code in self.missing]
        if not self.languages or (self.query.locales and self.query.locales[0] in lost):
            raise EngineUnavailable(f"the index is lost in these languages: {', '.join(lost)}")
        return bool(lost)

    def first_stage(self, attempt: SearchAttempt, *, highlight: bool) -> FirstStage:
        """Return the page of the first attempt and what a relaxation needs, in one request."""
        query, words = self.query, self.query.words
        if not words.text:
            return FirstStage(self.page(attempt, highlight=highlight))
        searches = [self._page_search(attempt, words, highlight=highlight)]
        is_narrowed = query.has_facet_filters or query.sort != "relevance"
        if is_narrowed or query.offset or query.limit < ENOUGH_HITS:
            searches.append(self._without_facet_filters._first_hits_search(attempt, words))
        first, vocabulary_words = len(searches), words_of(words.text, self.languages)
        searches += vocabulary_searches(self.alias, vocabulary_words, self.languages)
        try:
            responses = self._send_all(searches)
        except BadRequestError:
            return FirstStage(self.page(attempt, highlight=highlight))  # With fewer words.
        vocabulary = parse_vocabulary(vocabulary_words, self.languages, responses[first:])
        return FirstStage(responses[0], responses[1] if first > 1 else None, vocabulary)

    @property
    def _without_facet_filters(self) -> SearchExecution:
        return replace(self, query=self.query.without_facet_filters)

    def page(self, attempt: SearchAttempt, *, highlight: bool) -> Any:
        """Return the requested page of hits with facet counts, for fewer words if the cluster refuses the query."""
        return self._with_fewer_words_if_refused(attempt, partial(self._page_search, highlight=highlight))

    def relaxed(self, attempt: SearchAttempt, first: FirstStage) -> Relaxation:
        """Return an attempt that corrects the spelling or requires fewer terms to have enough hits, and a suggestion.

        Facet filters do not change the level: the counts that an answer shows stay true when one of its values is
        chosen, unless no hit would be left.
        """
        query, text, languages = self.query, self.query.words.text, self.languages
        unfiltered = self._without_facet_filters
        is_filtered, count = query.has_facet_filters, first.page.hits.total.value
        response = first.page
        if is_filtered or query.offset or query.limit < count or query.sort != "relevance":
            response = first.unfiltered or unfiltered._first_hits(attempt)
        strict_count = response.hits.total.value
        if count and strict_count >= ENOUGH_HITS:
            return Relaxation(attempt)
        vocabulary = first.vocabulary or self._vocabulary()
        texts = {correct_spelling(text, languages, vocabulary): ranking().words["respelled"], text: 1.0}
        levels = _relaxed_levels(text, languages)
        if vocabulary.unknown or len(texts) > 1:
            attempt = replace(attempt, texts=texts, unknown=vocabulary.unknown)
            levels = (RelaxationLevel.ALL, *levels)
        attempt = replace(attempt, missing=vocabulary.missing)
        has_several = has_several_terms(text, languages)
        try:
            for level in levels:
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
            if strict_count >= SUGGESTION_THRESHOLD:
                return Relaxation(attempt)
            suggestion = vocabulary.suggestion(text, languages, partial(self._written_form, languages[0]))
            return Relaxation(attempt, suggestion)
        except ConnectionTimeout:
            self.warn_timeout(attempt)
            return Relaxation(attempt, is_partial=True)

    def _vocabulary(self) -> ClusterVocabulary:
        words = words_of(self.query.words.text, self.languages)
        searches = vocabulary_searches(self.alias, words, self.languages)
        return parse_vocabulary(words, self.languages, self._send_all(searches) if searches else [])

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
        return [to_hit(found) for found in self._send(search.extra(size=MAX_SIMILAR))]

    def _first_hits(self, attempt: SearchAttempt) -> Any:
        """Return the keys of the first hits, and their number up to ENOUGH_HITS."""

        return self._with_fewer_words_if_refused(attempt, self._first_hits_search)

    def _first_hits_search(self, attempt: SearchAttempt, words: QueryWords) -> Search:
        search = self._search(self._matching(attempt, words)).extra(size=ENOUGH_HITS, track_total_hits=ENOUGH_HITS)
        return search.filter("bool", filter=query_dsl.facet_filters(self.query)).source(False)

    def _page_search(self, attempt: SearchAttempt, words: QueryWords, *, highlight: bool) -> Search:
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
        return search.extra(from_=query.offset, size=query.limit, track_total_hits=True)

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
        indices = self.alias
        if self.missing:
            indices = ",".join(index_name(self.alias, code) for code in language_codes() if code not in self.missing)
        return Search(index=indices).params(**ALL_SHARDS).query(matching)

    def _send(self, search: Search) -> Any:
        """Return the response to a search."""
        return self._request(lambda client: search.using(client).execute())

    def _send_all(self, searches: Sequence[Search]) -> list[Any]:
        """Return the responses to several searches, which are sent in one request."""

        def send(client: Elasticsearch) -> Any:
            request = MultiSearch(using=client)
            for search in searches:
                request = request.add(search)
            return request.execute()

        try:
            return list(self._request(send))
        except ApiError as error:
            # Each search of the request has a status of its own.
            if isinstance(error.body, dict) and error.body.get("status") == HTTPStatus.BAD_REQUEST:
                raise BadRequestError(error.message, error.meta, error.body) from error
            raise

    def _request(self, send: Callable[[Elasticsearch], Any]) -> Any:
        return self.circuit_breaker.request(self.client, send, self.deadline)

    def _with_fewer_words_if_refused(self, attempt: SearchAttempt, build: Callable[..., Search]) -> Any:
        """Return the response; send a search with fewer words if the cluster refuses the query as too large."""
        words = self.query.words
        try:
            return self._send(build(attempt, words))
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
            return self._send(build(replace(attempt, texts=texts, unknown=frozenset()), fewer))

    def _written_form(self, code: str, folded: str) -> str:
        return self._request(lambda client: written_form(client, index_name(self.alias, code), code, folded))

    def warn_timeout(self, attempt: SearchAttempt) -> None:
        text = self.query.words.text
        logger.warning("Relaxation level %s timed out for %r; the answer is partial", attempt.level.name, text)


def _relaxed_levels(text: str, languages: Sequence[str]) -> tuple[RelaxationLevel, ...]:
    """Return the levels after ALL, without HALF if it requires as many terms as ANY."""
    terms = interpret_query(text, languages[0], languages)
    half, any_term = (required_term_count(terms, level) for level in (RelaxationLevel.HALF, RelaxationLevel.ANY))
    return (RelaxationLevel.ANY,) if half == any_term else (RelaxationLevel.HALF, RelaxationLevel.ANY)


def _first_words(text: str) -> str:
    return " ".join(text.split()[:MAX_WORDS_AFTER_REFUSAL])

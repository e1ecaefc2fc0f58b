"""The execution of a search query: the hits of a page in order, facet counts, fragments and a spelling suggestion."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from tantivy import DocAddress, Occur, Order, Query

from search.engines.contract import MAX_FACET_VALUES, SUGGESTION_THRESHOLD, Answer, EngineUnavailable, Hit
from search.engines.relevance_feedback import (
    MAX_DOCUMENT_SHARE,
    MAX_SIMILAR,
    MIN_DOCUMENTS,
    NO_RELATED_DOCUMENTS,
    RelatedDocuments,
    related_documents,
)
from search.facets import facet_names
from search.linguistics.languages import language_codes
from search.linguistics.spelling import load_vocabularies, suggest_correction
from search.query.highlighting import best_fragment, mark_terms
from search.query.interpretation import ENOUGH_HITS, RelaxationLevel, allows_related_hits, has_several_terms
from search.query.ranking import ranking
from search.query.search_query import SearchQuery

from .more_like_this import more_like_this
from .query_builder import EmbeddedVocabulary, QueryBuilder
from .schema import schema
from .snapshot import (
    Snapshot,
    any_of,
    any_value,
    at_least,
    at_most,
    in_first_available_language,
    non_scoring,
    not_expired,
)

# The number of first hits that are reordered by factors of the day and of the requested language.
REORDERED_HITS = 200
# After this time of the processor a search is relaxed no further, has no related hits and suggests no correction. The
# time during which other threads run does not count: the answer would depend on the number of readers.
SEARCH_SECONDS = 1.0
# In a query without words each language scores this many times the next one: more than all other factors.
LANGUAGE_STEP = 16.0

ScoredAddress = tuple[float, DocAddress]


def execute_search(snapshot: Snapshot, query: SearchQuery, *, highlight: bool) -> Answer:
    """Return the answer of one state of the index.

    The query is relaxed step by step while it has few hits. Facet filters do not change the level: the counts that an
    answer shows stay true when one of its values is chosen, unless no hit would be left.
    """
    execution = SearchExecution(snapshot, query, QueryBuilder(snapshot), query.locales or language_codes())
    strict_count, related = 0, NO_RELATED_DOCUMENTS
    load_vocabularies(execution.languages)
    deadline = time.thread_time() + SEARCH_SECONDS
    for level in RelaxationLevel:
        matching = execution.matching(level)
        count, found = execution.page(matching)
        unfiltered_count = execution.without_facet_filters.page(matching)[0] if query.has_facet_filters else count
        if level is RelaxationLevel.ALL:
            strict_count = unfiltered_count
        has_enough = not query.words.text or bool(unfiltered_count >= ENOUGH_HITS and count)
        is_late = not has_enough and time.thread_time() > deadline
        if has_enough or is_late:
            break
        if has_several_terms(query.words.text, execution.languages):
            execution = replace(execution, earlier_keys=execution.without_facet_filters.first_keys(matching))
    may_have_related = level is not RelaxationLevel.ALL and query.is_plain
    if unfiltered_count and may_have_related and not is_late and execution.allows_related_hits():
        is_enough = unfiltered_count >= ENOUGH_HITS or query.has_facet_filters
        related = execution.without_facet_filters.related(matching, is_enough=is_enough)
        matching = boost_related(matching, related)
        count, found = execution.page(matching)
    if query.promoted and (promoted := execution.promoted()):
        count, found = execution.page_after(promoted, matching)
        matching = any_of(matching, execution.is_promoted())
    hits = [*execution.hits(found, level, highlight=highlight), *related.hits_after(query, count)]
    if is_late and not hits:
        raise EngineUnavailable("the search took too long to say that nothing matches")
    suggestion = execution.suggestion() if strict_count < SUGGESTION_THRESHOLD and not is_late else ""
    return Answer(count, hits, execution.facets(matching), suggestion, is_partial=is_late)


@dataclass(frozen=True)
class SearchExecution:
    """A query to one state of the index, with the languages in which documents may match.

    `earlier_keys` are the keys of the first hits at stricter relaxation levels.
    """

    snapshot: Snapshot
    query: SearchQuery
    builder: QueryBuilder
    languages: Sequence[str]
    earlier_keys: tuple[str, ...] = ()

    def matching(self, level: RelaxationLevel) -> Query:
        """Return the query for the words at a relaxation level. Hits of stricter levels score higher."""
        matching = self.builder.build(self.query.words, self.languages, level)
        if not self.earlier_keys:
            return matching
        bonus = Query.const_score_query(any_value("key", self.earlier_keys), ranking().words["stricter_match"])
        return Query.boolean_query([(Occur.Must, matching), (Occur.Should, bonus)])

    def first_keys(self, matching: Query) -> tuple[str, ...]:
        """Return the earlier keys and those of the first hits, independent of the requested page."""
        first_page = replace(self, query=replace(self.query, offset=0, limit=ENOUGH_HITS, sort="relevance"))
        _count, found = first_page.page(matching)
        keys = (self.snapshot.stored_document(address).key for _score, address in found)
        return tuple(dict.fromkeys([*self.earlier_keys, *keys]))

    def allows_related_hits(self) -> bool:
        text = self.query.words.text
        texts = (text, self.builder.respelled(text, self.languages))
        return any(allows_related_hits(variant, self.languages) for variant in texts)

    @property
    def without_facet_filters(self) -> SearchExecution:
        return replace(self, query=self.query.without_facet_filters)

    def related(self, matching: Query, *, is_enough: bool) -> RelatedDocuments:
        """Return the documents like the best hit, in its language.

        `is_enough` is True if no documents that do not match may be added.
        """
        _count, [(best_score, address)] = replace(self, query=replace(self.query, offset=0, limit=1)).page(matching)
        best = self.snapshot.stored_document(address)
        if self.snapshot.searcher.doc_freq("locale", best.locale) < MIN_DOCUMENTS:
            return NO_RELATED_DOCUMENTS
        like_best = more_like_this(self.snapshot, best, max_share=MAX_DOCUMENT_SHARE)
        query = Query.boolean_query([(Occur.Must, like_best), *self._filters()])
        found = self.snapshot.searcher.search(query, MAX_SIMILAR).hits
        similar = [self.snapshot.stored_document(other).hit(score) for score, other in found]
        return related_documents(similar, best_score, self.first_keys(matching), is_enough=is_enough)

    def page(self, matching: Query) -> tuple[int, list[ScoredAddress]]:
        """Return the number of matching documents and the hits of the requested page."""
        query, searcher = self.query, self.snapshot.searcher
        filtered = Query.boolean_query([(Occur.Must, matching), *self._filters()])
        if query.sort != "relevance":
            field, order = ("date", Order.Desc) if query.sort == "date" else ("sort_title", Order.Asc)
            result = searcher.search(filtered, query.limit, True, field, query.offset, order)
            return result.count, [(0.0, address) for _value, address in result.hits]  # type: ignore[attr-defined]
        if query.words.is_empty and query.locales:
            filtered = Query.boolean_query([(Occur.Must, filtered), *_ordered_by_language(query.locales)])
        number = max(REORDERED_HITS, query.offset + query.limit)
        result = searcher.search(filtered, number, True, weight_by_field="weight")
        # The same hits are reordered for every page: otherwise some hits would be on two pages and others on none.
        ordered = [*self._reordered(result.hits[:REORDERED_HITS]), *result.hits[REORDERED_HITS:]]
        return result.count, ordered[query.offset : query.offset + query.limit]  # type: ignore[attr-defined]

    def promoted(self) -> list[ScoredAddress]:
        """Return the promoted documents that the filters keep, in their order."""
        query = Query.boolean_query([(Occur.Must, self.is_promoted()), *self._filters()])
        found = self.snapshot.searcher.search(query, len(self.query.promoted)).hits
        return sorted(found, key=lambda hit: self.query.promoted.index(self.snapshot.stored_document(hit[1]).key))

    def is_promoted(self) -> Query:
        return any_value("key", self.query.promoted)

    def page_after(self, promoted: list[ScoredAddress], matching: Query) -> tuple[int, list[ScoredAddress]]:
        """Return the count and the requested page if the promoted documents come before those that match."""
        offset, limit = self.query.offset, self.query.limit
        shown = promoted[offset : offset + limit]
        # One other hit is requested even for a full page, since the query counts the others.
        rest = replace(self.query, offset=max(0, offset - len(promoted)), limit=max(1, limit - len(shown)))
        others = Query.boolean_query([(Occur.Must, matching), (Occur.MustNot, self.is_promoted())])
        count, found = replace(self, query=rest).page(others)
        return count + len(promoted), [*shown, *found][:limit]

    def hits(self, found: list[ScoredAddress], level: RelaxationLevel, *, highlight: bool) -> list[Hit]:
        """Return the hits of the found documents, with fragments if `highlight` is True."""
        terms_by_language: dict[str, frozenset[str]] = {}
        hits = []
        for score, address in found:
            document = self.snapshot.stored_document(address)
            hit = document.hit(score)
            if highlight:
                code = document.locale
                if code not in terms_by_language:
                    terms_by_language[code] = self.builder.matching_terms(self.query.words, code, self.languages, level)
                fragments = {
                    "title": mark_terms(document.title, code, terms_by_language[code]),
                    "text": best_fragment(document.text, code, terms_by_language[code]),
                }
                hit = replace(hit, fragments={name: html for name, html in fragments.items() if html})
            hits.append(hit)
        return hits

    def facets(self, matching: Query) -> dict[str, list[tuple[str, int]]]:
        """Return the counts of each facet. The counts of a facet ignore its own filter.

        One aggregation counts all facets without a filter; each filtered facet needs one more.
        """
        names = facet_names()
        filtered = [name for name in names if self.query.filters.get(name)]
        unfiltered = [name for name in names if name not in filtered]
        rounds: list[tuple[list[str], tuple[str, ...]]] = [(unfiltered, ()), *(([name], (name,)) for name in filtered)]
        counts: dict[str, list[tuple[str, int]]] = {}
        for counted, ignored_filters in rounds:
            if not counted:
                continue
            query = Query.boolean_query([(Occur.Must, matching), *self._filters(*ignored_filters)])
            aggregation = {name: {"terms": {"field": name, "size": MAX_FACET_VALUES}} for name in counted}
            result = self.snapshot.searcher.aggregate(query, aggregation)
            for name in counted:
                values = [(bucket["key"], bucket["doc_count"]) for bucket in result[name]["buckets"]]
                counts[name] = sorted(values, key=lambda value: (-value[1], value[0]))
        return {name: counts[name] for name in names}

    def suggestion(self) -> str:
        """Return the query with unknown words replaced by similar known ones; "" if there are none."""
        unknown = self.builder.unknown_words(self.query.words, self.languages)
        vocabulary = EmbeddedVocabulary(self.snapshot, self.languages)
        return suggest_correction(self.query.words.text, self.languages, unknown, vocabulary, vocabulary.written_form)

    def _reordered(self, hits: list[ScoredAddress]) -> list[ScoredAddress]:
        """Return the hits with the factors of past events and of fallback languages applied to their scores."""
        addresses = [address for _score, address in hits]
        moments = self.snapshot.searcher.fast_field_values("over", addresses)
        languages = self.snapshot.searcher.fast_field_values("language", addresses)
        now = timezone.now().timestamp()
        codes = language_codes()
        fallback_steps = {codes.index(code): step for step, code in enumerate(self.query.locales)}
        scored = []
        for index, (score, address) in enumerate(hits):
            over_at = moments[index]
            factor = ranking().past if over_at is not None and over_at <= now else 1.0
            factor *= ranking().fallback ** fallback_steps.get(int(languages[index] or 0), 0)
            scored.append((-score * factor, index, address))
        return [(-score, address) for score, _index, address in sorted(scored, key=lambda item: item[:2])]

    def _filters(self, *ignored: str) -> list[tuple[Occur, Query]]:
        """Return the filters of the query, except those of the ignored facets, as non-scoring clauses."""
        query = self.query
        filters = [not_expired()]
        filters += [any_value(name, values) for name, values in query.filters.items() if name not in ignored and values]
        if query.concept:
            filters.append(any_value("concept", (query.concept,)))
        if query.from_day:
            filters.append(at_least("ends", query.from_day.toordinal()))
        if query.to_day:
            filters.append(at_most("starts", query.to_day.toordinal()))
        if query.locales:
            filters.append(in_first_available_language(query.locales))
        return non_scoring(*filters)


def boost_related(matching: Query, related: RelatedDocuments) -> Query:
    """Add the score bonuses of documents like the best hit."""
    bonuses = [
        (Occur.Should, Query.const_score_query(any_value("key", (key,)), bonus))
        for key, bonus in related.bonuses.items()
    ]
    return Query.boolean_query([(Occur.Must, matching), *bonuses])


def _ordered_by_language(locales: Sequence[str]) -> list[tuple[Occur, Query]]:
    """Return clauses that put the documents of each language before those of the next one."""
    return [
        (
            Occur.Should,
            Query.const_score_query(Query.term_query(schema(), "locale", code), LANGUAGE_STEP ** (len(locales) - step)),
        )
        for step, code in enumerate(locales)
    ]

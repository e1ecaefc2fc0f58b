"""Answers a query: the hits of a page in their order, facets, fragments, and what was probably meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from tantivy import DocAddress, Occur, Order, Query

from search.engines.contract import MAX_FACET_VALUES, SUGGESTION_THRESHOLD, Answer, Hit
from search.engines.relevance_feedback import (
    MAX_DOCUMENT_SHARE,
    MAX_SIMILAR,
    MIN_DOCUMENTS,
    NO_RELATED_DOCUMENTS,
    RelatedDocuments,
    related_documents,
)
from search.linguistics.languages import language_codes
from search.linguistics.spelling import suggest_correction
from search.query.highlighting import best_fragment, mark_terms
from search.query.interpretation import ENOUGH_HITS, RelaxationLevel, allows_related_hits, has_several_terms
from search.query.ranking import ranking
from search.query.search_query import FACETS, SearchQuery

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

# The first hits are ordered again by what depends on the day and on the language asked for.
WINDOW = 200
# More than other factors make of a document.
NEXT_LANGUAGE = 16.0

Scored = tuple[float, DocAddress]


def execute_search(snapshot: Snapshot, query: SearchQuery, *, highlight: bool) -> Answer:
    """Return the answer of one state of the index."""
    asked = SearchExecution(snapshot, query, QueryBuilder(snapshot), query.locales or language_codes())
    with_all, alike = 0, NO_RELATED_DOCUMENTS
    for width in RelaxationLevel:
        matching = asked.matching(width)
        count, found = asked.page(matching)
        # How wide a question is must not change by ticking one of the values that it was answered with.
        in_all = asked.unticked.page(matching)[0] if query.has_facet_filters else count
        if width is RelaxationLevel.ALL:
            with_all = in_all
        if not query.words.text or (in_all >= ENOUGH_HITS and count):
            break
        if has_several_terms(query.words.text, asked.languages):
            asked = replace(asked, first=asked.unticked.keys(matching))
    if in_all and width is not RelaxationLevel.ALL and query.is_plain and asked.is_topic():
        alike = asked.unticked.related(matching, is_enough=in_all >= ENOUGH_HITS or query.has_facet_filters)
        matching = boost_related(matching, alike)
        count, found = asked.page(matching)
    if query.promoted and (first := asked.promoted()):
        count, found = asked.page_after(first, matching)
        matching = any_of(matching, asked.is_promoted())
    hits = [*asked.hits(found, width, highlight=highlight), *alike.hits_after(query, count)]
    return Answer(count, hits, asked.facets(matching), asked.suggestion() if with_all < SUGGESTION_THRESHOLD else "")


@dataclass(frozen=True)
class SearchExecution:
    """A query to one state of the index, in the languages that it may match in."""

    snapshot: Snapshot
    query: SearchQuery
    matcher: QueryBuilder
    languages: Sequence[str]
    first: tuple[str, ...] = ()

    def matching(self, width: RelaxationLevel) -> Query:
        """Return what matches; what has more of the words than it must have, `first`, scores higher."""
        matching = self.matcher.build(self.query.words, self.languages, width)
        if not self.first:
            return matching
        bonus = Query.const_score_query(any_value("key", self.first), ranking().words["stricter_match"])
        return Query.boolean_query([(Occur.Must, matching), (Occur.Should, bonus)])

    def keys(self, matching: Query) -> tuple[str, ...]:
        """Return the keys of the few documents that match, whatever the page asked for."""
        first_page = replace(self, query=replace(self.query, offset=0, limit=ENOUGH_HITS, sort="relevance"))
        _count, found = first_page.page(matching)
        return tuple(
            dict.fromkeys([*self.first, *(self.snapshot.stored_document(address).key for _score, address in found)])
        )

    def is_topic(self) -> bool:
        text = self.query.words.text
        return any(
            allows_related_hits(each, self.languages) for each in (text, self.matcher.respelled(text, self.languages))
        )

    @property
    def unticked(self) -> SearchExecution:
        return replace(self, query=self.query.without_facet_filters)

    def related(self, matching: Query, *, is_enough: bool) -> RelatedDocuments:
        """Return what is like the best hit in its language."""
        _count, [(best, address)] = replace(self, query=replace(self.query, offset=0, limit=1)).page(matching)
        row = self.snapshot.stored_document(address)
        if self.snapshot.searcher.doc_freq("locale", row.locale) < MIN_DOCUMENTS:
            return NO_RELATED_DOCUMENTS
        whole = Query.boolean_query(
            [(Occur.Must, more_like_this(self.snapshot, row, share=MAX_DOCUMENT_SHARE)), *self._conditions()]
        )
        found = self.snapshot.searcher.search(whole, MAX_SIMILAR).hits
        alike = [self.snapshot.stored_document(each).hit(score) for score, each in found]
        return related_documents(alike, best, self.keys(matching), is_enough=is_enough)

    def page(self, matching: Query) -> tuple[int, list[Scored]]:
        """Return how many documents match, and the hits of the page asked for."""
        query, searcher = self.query, self.snapshot.searcher
        whole = Query.boolean_query([(Occur.Must, matching), *self._conditions()])
        if query.sort != "relevance":
            field, order = ("date", Order.Desc) if query.sort == "date" else ("sort_title", Order.Asc)
            result = searcher.search(whole, query.limit, True, field, query.offset, order)
            return result.count, [(0.0, address) for _value, address in result.hits]  # type: ignore[attr-defined]
        if query.words.is_empty and query.locales:
            whole = Query.boolean_query([(Occur.Must, whole), *_in_order(query.locales)])
        window = max(WINDOW, query.offset + query.limit)
        result = searcher.search(whole, window, True, weight_by_field="weight")
        # Always the same hits, whatever the page: of an order that changes from page to page some would never be shown.
        ordered = [*self._ordered(result.hits[:WINDOW]), *result.hits[WINDOW:]]
        return result.count, ordered[query.offset : query.offset + query.limit]  # type: ignore[attr-defined]

    def promoted(self) -> list[Scored]:
        """Return the promoted documents that nothing else in the query excludes, in their order."""
        whole = Query.boolean_query([(Occur.Must, self.is_promoted()), *self._conditions()])
        found = self.snapshot.searcher.search(whole, len(self.query.promoted)).hits
        return sorted(found, key=lambda each: self.query.promoted.index(self.snapshot.stored_document(each[1]).key))

    def is_promoted(self) -> Query:
        return any_value("key", self.query.promoted)

    def page_after(self, first: list[Scored], matching: Query) -> tuple[int, list[Scored]]:
        """Return the count and the page when some documents come before those that match."""
        offset, limit = self.query.offset, self.query.limit
        shown = first[offset : offset + limit]
        # One is asked for even when the page is full: the others are to be counted.
        rest = replace(self.query, offset=max(0, offset - len(first)), limit=max(1, limit - len(shown)))
        others = Query.boolean_query([(Occur.Must, matching), (Occur.MustNot, self.is_promoted())])
        count, found = replace(self, query=rest).page(others)
        return count + len(first), [*shown, *found][:limit]

    def hits(self, found: list[Scored], width: RelaxationLevel, *, highlight: bool) -> list[Hit]:
        terms_of: dict[str, frozenset[str]] = {}
        hits = []
        for score, address in found:
            row = self.snapshot.stored_document(address)
            hit = row.hit(score)
            if highlight:
                if row.locale not in terms_of:
                    terms_of[row.locale] = self.matcher.matching_terms(
                        self.query.words, row.locale, self.languages, width
                    )
                terms = terms_of[row.locale]
                fragments = {
                    "title": mark_terms(row.title, row.locale, terms),
                    "text": best_fragment(row.text, row.locale, terms),
                }
                hit = replace(hit, fragments={name: html for name, html in fragments.items() if html})
            hits.append(hit)
        return hits

    def facets(self, matching: Query) -> dict[str, list[tuple[str, int]]]:
        """Count by facet; the counts of a facet ignore its own filter."""
        filtered = [name for name in FACETS if self.query.filters.get(name)]
        rounds = [([name for name in FACETS if name not in filtered], ()), *(([name], (name,)) for name in filtered)]
        counted: dict[str, list[tuple[str, int]]] = {}
        for names, without in rounds:
            if not names:
                continue
            whole = Query.boolean_query([(Occur.Must, matching), *self._conditions(*without)])
            wanted = {name: {"terms": {"field": name, "size": MAX_FACET_VALUES}} for name in names}
            counts = self.snapshot.searcher.aggregate(whole, wanted)
            for name in names:
                buckets = [(each["key"], each["doc_count"]) for each in counts[name]["buckets"]]
                counted[name] = sorted(buckets, key=lambda each: (-each[1], each[0]))
        return {name: counted[name] for name in FACETS}

    def suggestion(self) -> str:
        """Return the words with unknown ones replaced by known ones that are nearly the same; "" without any."""
        unknown = self.matcher.unknown_words(self.query.words, self.languages)
        known = EmbeddedVocabulary(self.snapshot, self.languages)
        return suggest_correction(self.query.words.text, self.languages, unknown, known, known.written)

    def _ordered(self, hits: list[Scored]) -> list[Scored]:
        """Order hits again: what is past and what is in a language that stands in come later."""
        addresses = [address for _score, address in hits]
        ends = self.snapshot.searcher.fast_field_values("ends", addresses)
        languages = self.snapshot.searcher.fast_field_values("language", addresses)
        today = timezone.localdate().toordinal()
        codes = language_codes()
        steps = {codes.index(code): step for step, code in enumerate(self.query.locales)}
        scored = []
        for place, (score, address) in enumerate(hits):
            end = ends[place]
            factor = ranking().past if end is not None and end < today else 1.0
            factor *= ranking().fallback ** steps.get(int(languages[place] or 0), 0)
            scored.append((-score * factor, place, address))
        return [(-score, address) for score, _place, address in sorted(scored, key=lambda each: each[:2])]

    def _conditions(self, *without: str) -> list[tuple[Occur, Query]]:
        """Return what narrows the query, apart from the filters of some facets."""
        query = self.query
        found = [not_expired()]
        found += [any_value(name, values) for name, values in query.filters.items() if name not in without and values]
        if query.concept:
            found.append(any_value("concept", (query.concept,)))
        if query.from_day:
            found.append(at_least("ends", query.from_day.toordinal()))
        if query.to_day:
            found.append(at_most("starts", query.to_day.toordinal()))
        if query.locales:
            found.append(in_first_available_language(query.locales))
        return non_scoring(*found)


def boost_related(matching: Query, related: RelatedDocuments) -> Query:
    """Let what matches come sooner if it is like the best hit."""
    bonuses = [
        (Occur.Should, Query.const_score_query(any_value("key", (key,)), bonus))
        for key, bonus in related.bonuses.items()
    ]
    return Query.boolean_query([(Occur.Must, matching), *bonuses])


def _in_order(locales: Sequence[str]) -> list[tuple[Occur, Query]]:
    """Put what is in a language before all that is in the next, as nothing else does where there are no words."""
    return [
        (
            Occur.Should,
            Query.const_score_query(Query.term_query(schema(), "locale", code), NEXT_LANGUAGE ** (len(locales) - step)),
        )
        for step, code in enumerate(locales)
    ]

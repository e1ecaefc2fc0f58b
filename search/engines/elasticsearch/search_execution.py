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

from search.engines.contract import FEW_HITS, Answer, Hit
from search.engines.relevance_feedback import (
    FEW_DOCUMENTS,
    MOST_ALIKE,
    NOTHING_RELATED,
    TELLING_SHARE,
    Related,
    related,
)
from search.linguistics.languages import language_codes
from search.linguistics.spelling import respell
from search.query.highlighting import LOOKED_THROUGH
from search.query.interpretation import ENOUGH, Width, has_several, is_topic, needed, read
from search.query.ranking import ranking
from search.query.search_query import SearchQuery, Words

from . import query_dsl
from .circuit_breaker import SEARCH_TIMEOUT, within
from .indices import index_name
from .known_words import known_words, written_form

logger = logging.getLogger(__name__)

# Seconds without which it is no use to ask again.
LEAST_TIME = 0.3
# Words of a question that a cluster has refused, which are asked for after that.
NARROW = 8
# An answer of some shards only would seem to be all there is.
WHOLE = {"allow_partial_search_results": False}
MARKS = {"pre_tags": ["<mark>"], "post_tags": ["</mark>"]}


@dataclass(frozen=True)
class Attempt:
    """How a query is put this time: the words as they are read, and how many of them must match.

    `first` are keys of what the attempts before it have found. `unknown` are words that no document has, `missing` by
    language those that none of its documents has. `alike` is what is like the best hit.
    """

    texts: dict[str, float]
    width: Width = Width.ALL
    first: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    missing: dict[str, frozenset[str]] = field(default_factory=dict)
    alike: Related = NOTHING_RELATED


def answer(client: Elasticsearch, alias: str, query: SearchQuery, *, highlight: bool) -> Answer:
    """Return the answer of the index behind an alias."""
    # Whether enough has the words is asked without what is promoted, which need not have any.
    asked = Question(client, alias, replace(query, promoted=()), time.monotonic() + SEARCH_TIMEOUT)
    attempt, suggestion = Attempt({query.words.text: 1.0}), ""
    found = asked.page(attempt, highlight=highlight)
    if query.words.text and found.hits.total.value < ENOUGH:
        widened, suggestion = asked.widened(attempt, found)
        if widened != attempt:
            attempt, found = asked.better(widened, attempt, found, highlight=highlight)
    if query.promoted:
        found = replace(asked, query=query).page(attempt, highlight=highlight)
    count = found.hits.total.value
    hits = [*map(as_hit, found), *attempt.alike.after(query, count)]
    return Answer(count, hits, query_dsl.counts_by_facet(found), suggestion)


def as_hit(found: Any) -> Hit:
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
class Question:
    """A query to the index behind an alias, to be answered until a moment of the monotonic clock."""

    client: Elasticsearch
    alias: str
    query: SearchQuery
    end: float

    @property
    def languages(self) -> Sequence[str]:
        return self.query.locales or language_codes()

    def page(self, attempt: Attempt, *, highlight: bool) -> Any:
        """Return the hits of the page asked for, with facets; of fewer words if the cluster refuses so many."""
        return self._unless_refused(attempt, partial(self._page, highlight=highlight))

    def better(self, widened: Attempt, attempt: Attempt, found: Any, *, highlight: bool) -> tuple[Attempt, Any]:
        """Return the widened attempt and what it finds, or the attempt before it if that takes too long."""
        try:
            return widened, self.page(widened, highlight=highlight)
        except ConnectionTimeout:
            self._warn(widened)
            return attempt, found

    def widened(self, attempt: Attempt, found: Any) -> tuple[Attempt, str]:
        """Return how to ask, of words as they were probably meant or less of them, to find enough; and what was meant.

        How wide a question is does not change by ticking one of the values that it was answered with.
        """
        text, languages, unticked = self.query.words.text, self.languages, replace(self, query=self.query.unticked)
        is_ticked, matching = self.query.is_ticked, found.hits.total.value
        if is_ticked or self.query.offset or self.query.limit < matching or self.query.sort != "relevance":
            found = unticked._first(attempt)
        with_all = found.hits.total.value
        if matching and with_all >= ENOUGH:
            return attempt, ""
        words = known_words(within(self.client, self.end), self.alias, text, languages)
        texts = {respell(text, languages, words): ranking().words["respelt"], text: 1.0}
        widths = _widths(text, languages)
        if words.unknown or len(texts) > 1:
            attempt, widths = replace(attempt, texts=texts, unknown=words.unknown), (Width.ALL, *widths)
        attempt = replace(attempt, missing=words.missing)
        several = has_several(text, languages)
        try:
            for width in widths:
                if time.monotonic() > self.end - LEAST_TIME:
                    break
                first = (*attempt.first, *(each.meta.id for each in found)) if several else ()
                attempt = replace(attempt, width=width, first=tuple(dict.fromkeys(first)))
                found = unticked._first(attempt)
                in_all = found.hits.total.value
                with_all = in_all if width is Width.ALL else with_all
                if in_all >= ENOUGH and (not is_ticked or self._first(attempt).hits.total.value):
                    break
            if len(found) and self.query.is_plain and any(is_topic(each, languages) for each in attempt.texts):
                alike = unticked._alike(found[0], words.documents)
                is_enough = is_ticked or found.hits.total.value >= ENOUGH
                own = {each.meta.id for each in found}
                attempt = replace(attempt, alike=related(alike, found[0].meta.score, own, is_enough=is_enough))
        except ConnectionTimeout:
            self._warn(attempt)
        if with_all >= FEW_HITS:
            return attempt, ""
        return attempt, words.suggestion(text, languages, partial(self._written, languages[0]))

    def _alike(self, best: Any, documents: dict[str, int]) -> list[Hit]:
        """Return what is like a hit in its language, that hit first."""
        index = best.meta.index
        number = next(number for code, number in documents.items() if index_name(self.alias, code) == index)
        if number < FEW_DOCUMENTS:
            return []
        like = query_dsl.like(index, best.meta.id, include=True, max_doc_freq=int(TELLING_SHARE * number))
        search = self._search(like).filter("term", _index=index).source(["content_id", "locale"])
        for condition in (*query_dsl.conditions(self.query), *query_dsl.filters(self.query)):
            search = search.filter(condition)
        return [as_hit(each) for each in search.extra(size=MOST_ALIKE).execute()]

    def _first(self, attempt: Attempt) -> Any:
        """Return the first hits, and whether there are enough of them."""

        def asked(attempt: Attempt, words: Words) -> Any:
            search = self._search(self._matching(attempt, words)).extra(size=ENOUGH, track_total_hits=ENOUGH)
            return search.filter("bool", filter=query_dsl.filters(self.query)).source(False).execute()

        return self._unless_refused(attempt, asked)

    def _page(self, attempt: Attempt, words: Words, *, highlight: bool) -> Any:
        query = self.query
        search = self._search(query_dsl.after_promoted(self._matching(attempt, words), query))
        search = search.post_filter(Q("bool", filter=query_dsl.filters(query)))
        query_dsl.add_facets(search, query)
        if query.sort == "date":
            search = search.sort({"date": {"order": "desc", "missing": "_last"}}, "sequence")
        elif query.sort == "title":
            search = search.sort("sort_title", "sequence")
        else:
            search = search.sort("_score", "sequence")
        if highlight:
            search = search.highlight_options(
                encoder="html", require_field_match=False, max_analyzed_offset=LOOKED_THROUGH, **MARKS
            )
            search = search.highlight("title", number_of_fragments=0)
            search = search.highlight("text", "names", fragment_size=220, number_of_fragments=1)
        search = search.source(["content_id", "locale"])
        return search.extra(from_=query.offset, size=query.limit, track_total_hits=True).execute()

    def _matching(self, attempt: Attempt, words: Words) -> Any:
        indices = {code: index_name(self.alias, code) for code in self.languages}
        manner = query_dsl.Manner(attempt.width, attempt.unknown, missing=attempt.missing)
        matching = query_dsl.words_query(attempt.texts, words, indices, manner)
        if attempt.first:
            matching = query_dsl.with_more(matching, attempt.first)
        if attempt.alike.bonuses:
            matching = query_dsl.sooner(matching, attempt.alike)
        conditions = query_dsl.conditions(self.query)
        return query_dsl.ranked(Q("bool", must=[matching], filter=conditions), self.query)

    def _search(self, matching: Any) -> Search:
        return Search(using=within(self.client, self.end), index=self.alias).params(**WHOLE).query(matching)

    def _unless_refused(self, attempt: Attempt, ask: Any) -> Any:
        words = self.query.words
        try:
            return ask(attempt, words)
        except BadRequestError as error:
            logger.warning("Asked for %d words only, for the cluster refused more: %s", NARROW, error)
            few = Words(_start(words.text), tuple(map(_start, words.phrases[:1])), words.excluded[:NARROW])
            texts = {_start(text): factor for text, factor in attempt.texts.items()}
            return ask(replace(attempt, texts=texts, unknown=frozenset()), few)

    def _written(self, code: str, folded: str) -> str:
        return written_form(within(self.client, self.end), index_name(self.alias, code), code, folded)

    def _warn(self, attempt: Attempt) -> None:
        text = self.query.words.text
        logger.warning("What was found so far is the answer: %s took too long for %r", attempt.width.name, text)


def _widths(text: str, languages: Sequence[str]) -> tuple[Width, ...]:
    """Return the widths after the first that differ: of two words, half is one."""
    places = read(text, languages[0], languages)
    return (Width.ANY,) if needed(places, Width.HALF) == needed(places, Width.ANY) else (Width.HALF, Width.ANY)


def _start(text: str) -> str:
    return " ".join(text.split()[:NARROW])

"""Search results: the hits of the index, joined with the cards of documents that the database says are public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cms.delivery.models import FeedCounter, PublishedDocument
from cms.delivery.models.stored_json import parse_card
from sites.unicode_forms import normalise

from .analytics.query_log import log_search
from .curation import cached_tables
from .curation.promotions import promoted_keys
from .engines import get_live_engine
from .engines.contract import Answer, Engine, EngineUnavailable, Hit
from .facets import facet_names
from .query.completion_ranking import Completion, TypedPrefix, rank_completions
from .query.search_query import SearchQuery

# The engine returns this many times the completions that are shown.
COMPLETION_SURPLUS = 2


@dataclass(frozen=True)
class SearchResults:
    """An engine's answer, and the card (docs/document.md) of each of its hits that is still public, in order."""

    answer: Answer
    cards: list[tuple[Hit, dict[str, Any]]]


def run_search(query: SearchQuery, *, highlight: bool = False) -> SearchResults:
    """Search the live index, with promoted results. Two database queries. Raises EngineUnavailable."""
    cached_tables.refresh_cached_tables()
    query = replace(query, promoted=promoted_keys(query))
    answer = search_live_index(query, highlight=highlight)
    if not answer.is_partial:  # Its count says nothing about the words.
        log_search(query, answer.count)
    hits = [replace(hit, is_promoted=hit.key in query.promoted) for hit in answer.hits]
    return SearchResults(answer, public_cards(hits))


def search_live_index(query: SearchQuery, *, highlight: bool = False) -> Answer:
    """Return the answer of the live index; an empty one if nothing was ever published. Raises EngineUnavailable."""
    engine = _live_engine()
    return engine.search(query, highlight=highlight) if engine else _empty_answer()


def find_similar(content_id: str, locale: str, limit: int) -> list[tuple[Hit, dict[str, Any]]]:
    """Return the hits and cards of contents similar to a content, in its language.

    One database query. Raises EngineUnavailable.
    """
    engine = _live_engine()
    return public_cards(engine.similar(content_id, locale, limit)) if engine else []


def complete(prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
    """Return the titles, professions and places that complete a prefix, the best first. Raises EngineUnavailable.

    `department` is the slug of the department whose site is searched; "" for all. One database query.
    """
    prefix = normalise("NFC", prefix)
    engine = _live_engine() if prefix.strip() else None
    if engine is None:
        return []
    # The surplus replaces completions of documents that were withdrawn and are still in the index.
    completions = engine.suggest(prefix, locale, COMPLETION_SURPLUS * limit, department)
    keys = {(completion.content_id, completion.locale) for completion in completions if completion.content_id}
    public = _public_values(keys, "pk")
    # A place has no content.
    shown = [
        completion
        for completion in completions
        if not completion.content_id or (completion.content_id, completion.locale) in public
    ]
    # Ranked again, since the number of places depends on the limit.
    return rank_completions(TypedPrefix.parse(prefix, locale), shown, limit)


def lacks_languages() -> bool:
    """Return True if the live index has lost the part of a language, so that completions are partial."""
    engine = _live_engine()
    return engine is not None and engine.lacks_languages


def _live_engine() -> Engine | None:
    """Return the live index; None if nothing was ever published, so that no index is needed.

    Raises EngineUnavailable.
    """
    try:
        return get_live_engine()
    except EngineUnavailable:
        if FeedCounter.objects.filter(last__gt=0).exists():
            raise
        return None


def _empty_answer() -> Answer:
    return Answer(0, [], {name: [] for name in facet_names()})


def public_cards(hits: Sequence[Hit]) -> list[tuple[Hit, dict[str, Any]]]:
    """Return the cards of the hits that are public. The index may still contain a document that was just withdrawn."""
    stored = _public_values({(hit.content_id, hit.locale) for hit in hits}, "card", "page_id")
    keys = ((hit, (hit.content_id, hit.locale)) for hit in hits)
    cards = ((hit, parse_card(*stored[key])) for hit, key in keys if key in stored)
    return [(hit, card) for hit, card in cards if card]


def _public_values(keys: set[tuple[str, str]], *fields: str) -> dict[tuple[str, str], Any]:
    """Return fields of the documents that are public, by content id and locale. One query; none for no keys."""
    if not keys:
        return {}
    # This may load some other languages of the same contents, which costs less than a condition for each pair.
    documents = PublishedDocument.objects.public().filter(
        content_id__in={content_id for content_id, _locale in keys}, locale__in={locale for _id, locale in keys}
    )
    return {
        (str(content_id), locale): values
        for content_id, locale, *values in documents.values_list("content_id", "locale", *fields)
    }

"""Answers a query with published documents: what the index found and the database still says is public."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cms.delivery.models import FeedCounter, PublishedDocument

from .analytics.query_log import log_search
from .curation import cached_tables
from .curation.promotions import promoted_keys
from .engines import get_live_engine
from .engines.contract import Answer, Engine, EngineUnavailable, Hit
from .query.completion_ranking import Completion, TypedPrefix, rank_completions
from .query.search_query import FACETS, SearchQuery

EMPTY_ANSWER = Answer(0, [], {name: [] for name in FACETS})
MORE_COMPLETIONS = 2  # times as many as are shown are asked for


@dataclass(frozen=True)
class SearchResults:
    """An engine's answer, and the Card (docs/document.md) of each hit that may be read now, in order."""

    answer: Answer
    cards: list[tuple[Hit, dict[str, Any]]]


def run_search(query: SearchQuery, *, highlight: bool = False) -> SearchResults:
    """Search the live index, with what people promote. Two queries to the database. Raises EngineUnavailable."""
    cached_tables.refresh_cached_tables()
    query = replace(query, promoted=promoted_keys(query))
    engine = _engine()
    answer = engine.search(query, highlight=highlight) if engine else EMPTY_ANSWER
    log_search(query, answer.count)
    hits = [replace(hit, is_promoted=hit.key in query.promoted) for hit in answer.hits]
    return SearchResults(answer, public_cards(hits))


def find_similar(content_id: str, locale: str, limit: int) -> list[tuple[Hit, dict[str, Any]]]:
    """Return what is like a content, in its language. One query to the database. Raises EngineUnavailable."""
    engine = _engine()
    return public_cards(engine.similar(content_id, locale, limit)) if engine else []


def complete(prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
    """Return titles, professions and places that begin like a text, the best first. Raises EngineUnavailable.

    `department` is the slug of the one whose site is searched; "" for all. One query to the database.
    """
    prefix = unicodedata.normalize("NFC", prefix)
    engine = _engine() if prefix.strip() else None
    if engine is None:
        return []
    # Some more than are shown, so that enough are left without those that were withdrawn a moment ago.
    found = engine.suggest(prefix, locale, MORE_COMPLETIONS * limit, department)
    public = _public_values({(each.content_id, each.locale) for each in found if each.content_id}, "pk")
    # A place has no content.
    shown = [each for each in found if not each.content_id or (each.content_id, each.locale) in public]
    # How many places there is room for depends on the limit.
    return rank_completions(TypedPrefix.parse(prefix, locale), shown, limit)


def _engine() -> Engine | None:
    """Return the index that answers; None on an instance on which nothing was ever published, which needs none."""
    try:
        return get_live_engine()
    except EngineUnavailable:
        if FeedCounter.objects.filter(last__gt=0).exists():
            raise
        return None


def public_cards(hits: Sequence[Hit]) -> list[tuple[Hit, dict[str, Any]]]:
    """Return the cards of hits. An index lags behind by a moment; what was withdrawn meanwhile is left out here."""
    cards = _public_values({(hit.content_id, hit.locale) for hit in hits}, "card")
    return [
        (hit, json.loads(cards[(hit.content_id, hit.locale)])) for hit in hits if (hit.content_id, hit.locale) in cards
    ]


def _public_values(keys: set[tuple[str, str]], name: str) -> dict[tuple[str, str], Any]:
    """Return a field of those documents, by content id and locale, that are public now. One query, none for no keys."""
    if not keys:
        return {}
    # Of a content in several languages some rows too many: much less work than to ask for each pair.
    documents = PublishedDocument.objects.public().filter(
        content_id__in={content_id for content_id, _locale in keys}, locale__in={locale for _id, locale in keys}
    )
    return {
        (str(content_id), locale): value
        for content_id, locale, value in documents.values_list("content_id", "locale", name)
    }

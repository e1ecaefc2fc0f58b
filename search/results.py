"""Answers a query with published documents: what the index found and the database still says is public."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cms.delivery.models import FeedCounter, PublishedDocument

from . import editorial
from .completing import Completion
from .documents import document_key
from .engines import answering_engine
from .engines.contract import Answer, Engine, EngineUnavailable, Hit
from .promotions import promoted_for
from .query import FACETS, SearchQuery
from .querylog import log

NOTHING = Answer(0, [], {name: [] for name in FACETS})


@dataclass(frozen=True)
class Results:
    """An engine's answer, and the Card (docs/document.md) of each hit that may be read now, in order."""

    answer: Answer
    cards: list[tuple[Hit, dict[str, Any]]]


def find(query: SearchQuery, *, highlight: bool = False) -> Results:
    """Search the live index, with what people promote. Two queries to the database. Raises EngineUnavailable."""
    editorial.refresh()
    query = replace(query, promoted=promoted_for(query))
    engine = _engine()
    answer = engine.search(query, highlight=highlight) if engine else NOTHING
    log(query, answer.count)
    hits = [replace(hit, is_promoted=document_key(hit.content_id, hit.locale) in query.promoted) for hit in answer.hits]
    return Results(answer, cards_of(hits))


def find_similar(content_id: str, locale: str, limit: int) -> list[tuple[Hit, dict[str, Any]]]:
    """Return what is like a content, in its language. One query to the database. Raises EngineUnavailable."""
    engine = _engine()
    return cards_of(engine.similar(content_id, locale, limit)) if engine else []


def complete(prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
    """Return titles, professions and places that begin like a text, the best first. Raises EngineUnavailable.

    `department` is the slug of the one whose site is searched; "" for all.
    """
    engine = _engine() if prefix.strip() else None
    return engine.suggest(prefix, locale, limit, department) if engine else []


def _engine() -> Engine | None:
    """Return the index that answers; None on an instance on which nothing was ever published, which needs none."""
    try:
        return answering_engine()
    except EngineUnavailable:
        if FeedCounter.objects.filter(last__gt=0).exists():
            raise
        return None


def cards_of(hits: Sequence[Hit]) -> list[tuple[Hit, dict[str, Any]]]:
    """Return the cards of hits. An index lags behind by a moment; what was withdrawn meanwhile is left out here."""
    if not hits:
        return []
    # Of a content in several languages some rows too many: much less work than to ask for each pair.
    documents = PublishedDocument.objects.public().filter(
        content_id__in={hit.content_id for hit in hits}, locale__in={hit.locale for hit in hits}
    )
    rows = documents.values_list("content_id", "locale", "card")
    cards = {(str(content_id), locale): card for content_id, locale, card in rows}
    return [
        (hit, json.loads(cards[(hit.content_id, hit.locale)])) for hit in hits if (hit.content_id, hit.locale) in cards
    ]

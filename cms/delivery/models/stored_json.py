"""Reading of the JSON that published documents store. A text that cannot be read is reported and made again.

One unreadable document must not break a list: readers of many documents leave it out.
"""

from __future__ import annotations

import datetime
import json
import logging
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.dispatch import Signal

# Sent with `page_id`, once for each document in a while.
document_unreadable = Signal()

logger = logging.getLogger(__name__)

# Members without which no reader can show a document or a card (docs/document.md).
BODY_KEYS = frozenset(("id", "type", "locale", "title", "content"))
CARD_KEYS = frozenset(("id", "type", "locale", "department", "title", "summary", "url"))
# The answer for one unreadable document, by API and reader (RFC 9457). The wait is that of Retry-After, in seconds.
UNREADABLE_TYPE = "document-unreadable"
UNREADABLE_TITLE = "The document cannot be read"
UNREADABLE_DETAIL = "The document is being written again; the Retry-After header says when to try again."
UNREADABLE_WAIT = 60
# Seconds in which one document is reported once, however many requests meet it.
REPORT_SECONDS = 600


def parse_body(text: str, page_id: int) -> dict[str, Any]:
    """Return a stored document; {} for "", and for a text that is no document, which is reported."""
    return _reported(text, _parse(text, BODY_KEYS), page_id)


def parse_card(text: str, page_id: int) -> dict[str, Any]:
    """Return a stored card; {} for "", and for a text that is no card, which is reported."""
    return _reported(text, _parse_card(text), page_id)


def is_document(text: str) -> bool:
    """Return True for a text that parse_body reads."""
    return bool(_parse(text, BODY_KEYS))


def is_card(text: str) -> bool:
    """Return True for a text that parse_card reads."""
    return bool(_parse_card(text))


def _reported(text: str, value: dict[str, Any], page_id: int) -> dict[str, Any]:
    if text and not value:
        report_unreadable(page_id)
    return value


def _parse_card(text: str) -> dict[str, Any]:
    card = _parse(text, CARD_KEYS)
    return card if card and _has_card_values(card) else {}


def _has_card_values(card: dict[str, Any]) -> bool:
    """Return True if the values of a card are those that lists show (docs/document.md)."""
    start, translation = card.get("start"), card.get("translation") or {"source_locale": "", "untranslated": []}
    return (
        all(isinstance(card[key], str) for key in CARD_KEYS)
        and isinstance(card.get("image") or {}, dict)
        and (not start or _is_moment(start))
        and isinstance(translation, dict)
        and isinstance(translation.get("source_locale"), str)
        and isinstance(pointers := translation.get("untranslated", []), list)
        and all(isinstance(pointer, str) for pointer in pointers)
    )


def _is_moment(value: Any) -> bool:
    try:
        datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def list_value(values: Any, name: str) -> str:
    """Return one of the stored values by which lists sort and link, "" if they are damaged: the list goes on."""
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""


def report_unreadable(page_id: int) -> None:
    """Log that the document of a page cannot be read, and let the background write it again."""
    if cache.add(f"unreadable-document:{page_id}", True, REPORT_SECONDS):
        logger.error("The published document of page %s cannot be read; it is written again.", page_id)
        transaction.on_commit(partial(document_unreadable.send, sender=None, page_id=page_id))


def _parse(text: str, keys: frozenset[str]) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    is_whole = isinstance(value, dict) and value.keys() >= keys and isinstance(value.get("content", {}), dict)
    return value if is_whole else {}

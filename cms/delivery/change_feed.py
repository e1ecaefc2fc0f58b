"""The change feed: published documents and tombstones in the order of their last change."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

from .models import FeedCounter, PublishedDocument

# Sent after changes are committed. A consumer that missed the signal finds the changes by its cursor.
feed_advanced = Signal()


@dataclass(frozen=True)
class FeedPosition:
    """The epoch of the feed, None before the first change, and its last sequence number."""

    epoch: UUID | None
    last: int


def newest_position() -> FeedPosition:
    """Return the end of the feed. One query.

    A consumer remembers the epoch with its cursor. It starts again from 0 if the feed has another epoch, or if `last`
    is smaller than its cursor.
    """
    row = FeedCounter.objects.values_list("epoch", "last").first()
    return FeedPosition(*row) if row else FeedPosition(None, 0)


def renew_epoch(reason: str) -> None:
    """Begin a new epoch of the feed: the database is not the one whose changes consumers have seen."""
    with transaction.atomic():
        FeedCounter.locked().renew_epoch(reason)


def changes(after: int = 0, limit: int = 500) -> list[PublishedDocument]:
    """Return up to `limit` documents and tombstones with a sequence number above `after`, in order of that number.

    A consumer stores the `sequence` of the last row that it has processed as its cursor and passes it as `after`. It
    compares `newest_position` first. The bodies are not loaded: they may have a megabyte each.
    A document that changed several times since then is returned once, in its newest state. A tombstone of a retired
    department has no `department`; its `department_slug` is set. One query.
    """
    rows = PublishedDocument.objects.filter(sequence__gt=after).select_related("department").defer("body")
    return list(rows.order_by("sequence")[:limit])

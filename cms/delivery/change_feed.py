"""The change feed: published documents and tombstones in the order of their last change."""

from __future__ import annotations

from django.dispatch import Signal

from .models import PublishedDocument

# Sent after changes are committed. A consumer that missed the signal finds the changes by its cursor.
feed_advanced = Signal()


def changes(after: int = 0, limit: int = 500) -> list[PublishedDocument]:
    """Return up to `limit` documents and tombstones with a sequence number above `after`, in order of that number.

    A consumer stores the `sequence` of the last row that it has processed as its cursor and passes it as `after`.
    A document that changed several times since then is returned once, in its newest state. A tombstone of a retired
    department has no `department`; its `department_slug` is set. One query.
    """
    return list(
        PublishedDocument.objects.filter(sequence__gt=after).select_related("department").order_by("sequence")[:limit]
    )

"""The change feed: every change of a published document, in the order in which they became public."""

from __future__ import annotations

from django.dispatch import Signal

from .models import PublishedDocument

# Sent after the commit of changes. A consumer that misses it (a crash) finds them by its cursor.
feed_advanced = Signal()


def changes(after: int = 0, limit: int = 500) -> list[PublishedDocument]:
    """Return up to `limit` documents and tombstones changed after a sequence number, oldest change first.

    A consumer keeps the `sequence` of the last row that it has handled as its cursor and asks for what comes after.
    The tombstones of a department that has left have no `department`: ask for `department_slug`.
    A document changed twice since the cursor appears once, with its newest state.
    """
    return list(
        PublishedDocument.objects.filter(sequence__gt=after).select_related("department").order_by("sequence")[:limit]
    )

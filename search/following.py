"""Has the index follow the change feed, unless a command does (setting SEARCH_UPDATES)."""

from typing import Any

from django.conf import settings

from .tasks import update_index


def follow(**kwargs: Any) -> None:
    """Bring the index up to date in a task."""
    if settings.SEARCH_UPDATES == "task":
        update_index.enqueue()

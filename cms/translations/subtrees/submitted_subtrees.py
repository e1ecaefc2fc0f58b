"""Requests to translate the pages below a page that somebody sent to translation.

They are added in the transaction of the form. The task processes them after the commit, some in each run; what a crash
leaves, the next task or `publish_scheduled` finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wagtail.models import Locale, Page

from cms.commit_callbacks import OncePerCommit
from cms.translations.models import RequestedTranslation

from .tasks import enqueue_requested_pages


def request_subtree(page_id: int, locales: Iterable[Locale], sender: Any) -> None:
    """Request the translation of all pages below a page. A request that exists begins again."""
    pages = Page.objects.get(pk=page_id).get_descendants().values_list("pk", flat=True)
    request_translations(((page, locale.pk) for locale in locales for page in pages), sender)


def request_translations(cells: Iterable[tuple[int, int]], sender: Any) -> None:
    """Request the translation of pages into locales (pairs of their keys). A request that exists begins again."""
    rows = [RequestedTranslation(page_id=page, locale_id=locale, sender=sender) for page, locale in cells]
    RequestedTranslation.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=("page", "locale"),
        update_fields=("sender", "attempts", "error"),
    )
    _processing.schedule()


_processing = OncePerCommit(enqueue_requested_pages)

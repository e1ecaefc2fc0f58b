"""Rebuilds every published document from its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from tqdm import tqdm
from wagtail.models import Page

from .models import FeedCounter, PublishedDocument
from .publisher import BATCH_SIZE, process_refresh_requests, refresh_pages
from .refresh_requests import queue_pages


@dataclass(frozen=True)
class RebuildResult:
    """The number of pages and of changed documents, and the error messages by page id."""

    pages: int
    changes: int
    errors: dict[int, str]


def rebuild_documents(batch_size: int = BATCH_SIZE, progress: Any = None) -> RebuildResult:
    """Rebuild the documents of all pages and withdraw those whose page is deleted.

    Unchanged documents keep their ETag and sequence number. Each batch is one transaction. `progress` is the stream
    of the progress bar; None prints nothing.
    """
    last_before = _last_sequence()
    page_ids = list(Page.objects.order_by("pk").values_list("pk", flat=True))
    errors: dict[int, str] = {}
    with tqdm(total=len(page_ids), unit="page", file=progress, disable=progress is None) as bar:
        for start in range(0, len(page_ids), batch_size):
            batch = page_ids[start : start + batch_size]
            with transaction.atomic():
                errors |= refresh_pages(set(batch), FeedCounter.locked())
            bar.update(len(batch))
    orphans = PublishedDocument.objects.filter(is_withdrawn=False).exclude(page_id__in=Page.objects.values("pk"))
    with transaction.atomic():
        queue_pages(orphans.values_list("page_id", flat=True))
    process_refresh_requests(retry_failed=True)
    return RebuildResult(len(page_ids), _last_sequence() - last_before, errors)


def _last_sequence() -> int:
    with transaction.atomic():
        return FeedCounter.locked().last

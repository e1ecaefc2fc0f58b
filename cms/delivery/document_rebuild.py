"""Rebuilds every published document from its page, or finds those that differ from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from tqdm import tqdm
from wagtail.models import Page

from .models import FeedCounter, PublicationState, PublishedDocument
from .publisher import batch_size, process_refresh_requests, refresh_pages


@dataclass(frozen=True)
class RebuildResult:
    """The number of pages, the changed documents as text, and the error messages by page id."""

    pages: int
    changed: list[str]
    errors: dict[int, str]


def rebuild_documents(size: int | None = None, progress: Any = None, *, dry_run: bool = False) -> RebuildResult:
    """Rebuild the documents of all pages, and withdraw those whose page is deleted, private or in another language.

    Unchanged documents keep their ETag and sequence number. Each batch is one transaction of `size` pages; `dry_run`
    rolls it back. `progress` is the stream of the progress bar; None prints nothing.
    """
    size = size or batch_size()
    public = PublishedDocument.objects.filter(is_withdrawn=False)
    page_ids = sorted(
        set(Page.objects.values_list("pk", flat=True)) | set(public.values_list("page_id", flat=True).iterator())
    )
    changed: list[str] = []
    errors: dict[int, str] = {}
    with tqdm(total=len(page_ids), unit="page", file=progress, disable=progress is None) as bar:
        for start in range(0, len(page_ids), size):
            batch = page_ids[start : start + size]
            changed += _rebuild_batch(batch, errors, dry_run)
            bar.update(len(batch))
    if not dry_run:
        process_refresh_requests()
        errors = dict(PublicationState.objects.exclude(error="").values_list("page_id", "error"))
    return RebuildResult(len(page_ids), changed, errors)


def _rebuild_batch(page_ids: Iterable[int], errors: dict[int, str], dry_run: bool) -> list[str]:
    """Rebuild the documents of some pages in one transaction; return the changed ones as text."""
    with transaction.atomic():
        counter = FeedCounter.locked()
        last_before = counter.last
        errors |= refresh_pages(set(page_ids), counter)
        rows = PublishedDocument.objects.filter(sequence__gt=last_before).order_by("sequence")
        columns = rows.values_list("page_id", "locale", "path", "is_withdrawn")
        changed = [
            f"page {page_id} ({locale}) {path}{' withdrawn' if is_withdrawn else ''}"
            for page_id, locale, path, is_withdrawn in columns
        ]
        if dry_run:
            transaction.set_rollback(True)
    return changed

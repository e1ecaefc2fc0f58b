"""Makes every published document again from its page; what has not changed keeps its ETag and its number."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm
from wagtail.models import Page

from cms.delivery.models import FeedCounter, PublishedDocument
from cms.delivery.publisher import BATCH_SIZE, process_refresh_requests, refresh_pages
from cms.delivery.refresh_requests import queue_pages


class Command(BaseCommand):
    help = "Make every published document again from its page; unchanged ones keep their ETag and sequence number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch-size", type=int, default=BATCH_SIZE, help="pages for each transaction")

    def handle(self, *args: Any, batch_size: int, **options: Any) -> None:
        with transaction.atomic():
            before = FeedCounter.locked().last
        page_ids = list(Page.objects.order_by("pk").values_list("pk", flat=True))
        errors: dict[int, str] = {}
        with tqdm(total=len(page_ids), unit="page", file=self.stderr, disable=options["verbosity"] == 0) as progress:
            for start in range(0, len(page_ids), batch_size):
                chunk = page_ids[start : start + batch_size]
                with transaction.atomic():
                    errors |= refresh_pages(set(chunk), FeedCounter.locked())
                progress.update(len(chunk))
        orphans = PublishedDocument.objects.filter(is_withdrawn=False).exclude(page_id__in=Page.objects.values("pk"))
        with transaction.atomic():
            queue_pages(orphans.values_list("page_id", flat=True))
        process_refresh_requests(retry_failed=True)
        with transaction.atomic():
            changes = FeedCounter.locked().last - before
        self.stdout.write(f"{len(page_ids)} pages, {changes} changes, {len(errors)} errors")
        if errors:
            details = "\n".join(f"  page {page_id}: {error}" for page_id, error in sorted(errors.items()))
            raise CommandError(f"these pages could not be published as documents:\n{details}")

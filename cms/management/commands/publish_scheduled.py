"""Publishes and withdraws what is due; replaces Wagtail's command of the same name.

Wagtail's stops at the first page that cannot be published (a consent that ended meanwhile), and every other
department's pages then wait for it. This one goes on, names what failed and ends with status 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from wagtail.models import Page, Revision

from cms.delivery.models import PublishedDocument
from cms.delivery.publisher import process_requests
from cms.delivery.requests import request_pages


class Command(BaseCommand):
    help = "Publish and withdraw pages that are due, and bring documents up to date. Run it every minute or so."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.failures: list[str] = []
        for page in Page.objects.filter(live=True, expire_at__lt=now).specific():
            self._attempt(page, page.unpublish, set_expired=True, log_action="wagtail.unpublish.scheduled")
        for revision in Revision.page_revisions.filter(approved_go_live_at__lt=now).select_related("user"):
            page = revision.as_object()
            if page.expire_at is not None and page.expire_at < now:
                # Its time was over before it began: it will not go live any more.
                Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
            else:
                self._attempt(page, revision.publish, log_action="wagtail.publish.scheduled")
        due = PublishedDocument.objects.filter(refresh_at__lte=now)
        request_pages(due.values_list("page_id", flat=True))
        process_requests(retry_failed=True)
        if self.failures:
            raise CommandError("\n".join(self.failures))

    def _attempt(self, page: Page, action: Callable[..., Any], **arguments: Any) -> None:
        try:
            action(**arguments)
        except Exception as error:  # Whatever it is, the other pages are due as well.
            self.failures.append(f"page {page.pk} “{page.title}”: {error}")
        else:
            self.stdout.write(f"page {page.pk} “{page.title}” done")

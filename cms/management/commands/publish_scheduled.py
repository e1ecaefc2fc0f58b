"""Publishes and withdraws what is due; replaces Wagtail's command of the same name.

Wagtail's stops at the first page that cannot be published (a consent that ended meanwhile), and every other
department's pages then wait for it. This one goes on, names what failed and ends with status 1.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from cms.delivery.models import PublishedDocument
from cms.delivery.publisher import process_refresh_requests
from cms.delivery.refresh_requests import queue_pages
from cms.media.models import Consent
from cms.pages.consents import unpublish_testimonials
from cms.pages.models import TestimonialPage
from search.analytics.query_log import delete_expired_searches
from search.indexing.triggers import schedule_index_update


class Command(BaseCommand):
    help = "Publish and withdraw pages that are due, and bring documents up to date. Run it every minute or so."

    def handle(self, *args: Any, **options: Any) -> None:
        now, today = timezone.now(), timezone.localdate()
        self.failures: list[str] = []
        for page in Page.objects.filter(live=True, expire_at__lt=now).specific():
            self._attempt(page, page.unpublish, set_expired=True, log_action="wagtail.unpublish.scheduled")
        for testimonial in TestimonialPage.objects.filter(live=True, consent__in=Consent.objects.lapsed(today)):
            self._attempt(testimonial, unpublish_testimonials, consent=testimonial.consent)
        for revision in Revision.page_revisions.filter(approved_go_live_at__lt=now).select_related("user"):
            self._attempt(revision, self._go_live, revision=revision, now=now)
        due = PublishedDocument.objects.filter(refresh_at__lte=now)
        queue_pages(due.values_list("page_id", flat=True))
        process_refresh_requests(retry_failed=True)
        # Also what the index has missed while its engine was away and this process did not run.
        schedule_index_update()
        # Not about pages; but this is what runs on every instance, even when nobody searches.
        delete_expired_searches()
        if self.failures:
            raise CommandError("\n".join(self.failures))

    @staticmethod
    def _go_live(revision: Revision, now: datetime.datetime) -> None:
        page = revision.as_object()
        if page.expire_at is not None and page.expire_at < now:
            # Its time was over before it began: it will not go live any more.
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        else:
            revision.publish(log_action="wagtail.publish.scheduled")

    def _attempt(self, subject: Page | Revision, action: Callable[..., Any], **arguments: Any) -> None:
        try:
            with transaction.atomic():
                action(**arguments)
        except Exception as error:  # Whatever it is, the other pages are due as well.
            self.failures.append(f"“{subject}”: {error}")
        else:
            self.stdout.write(f"“{subject}” done")

"""Publishes and withdraws the pages that are due, then updates documents, search index and query log."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from cms.delivery.models import PublicationState
from cms.delivery.publisher import process_refresh_requests
from cms.delivery.refresh_requests import queue_pages
from cms.media.models import Consent
from cms.pages.consents import unpublish_testimonials
from cms.pages.models import TestimonialPage
from cms.translations.drafts.tasks import enqueue_drafts
from cms.translations.progress.updates import process_updates
from cms.translations.subtrees.requested_pages import process_requested_translations
from cms.translations.subtrees.tasks import enqueue_requested_pages
from search.analytics.query_log import delete_expired_searches
from search.indexing.triggers import schedule_index_update
from sites.mail.tasks import schedule_delivery

# Contents whose translations one run updates at most: the documents wait for them.
UPDATES_PER_RUN = 50
# Pages that one run sends to translation at most, and the seconds after which it begins no other one.
TRANSLATIONS_PER_RUN = 20
TRANSLATION_SECONDS = 5


class ScheduledPublication:
    """One run of the scheduled publication.

    `completed` lists the pages and revisions that were processed, `failures` those that were not, with their error.
    Each is processed in its own transaction, so that a failure does not stop the others.
    """

    def __init__(self) -> None:
        self.completed: list[str] = []
        self.failures: list[str] = []

    def run(self) -> None:
        """Withdraw expired pages and testimonials without consent, publish due revisions, update the documents."""
        now = timezone.now()
        # One indexed column has the next date of each page; the dates of go-live are in an indexed column of Wagtail.
        due_page_ids = list(PublicationState.objects.filter(next_change_at__lte=now).values_list("page_id", flat=True))
        # Expired pages are also found by their own dates, which code may have changed without a signal.
        for page in Page.objects.filter(live=True, expire_at__lte=now).specific():
            self._attempt(page, page.unpublish, set_expired=True, log_action="wagtail.unpublish.scheduled")
        lapsed = Consent.objects.lapsed_today()
        for testimonial in TestimonialPage.objects.filter(live=True, consent__in=lapsed):
            self._attempt(testimonial, unpublish_testimonials, consent=testimonial.consent)
        for revision in Revision.page_revisions.filter(approved_go_live_at__lt=now).select_related("user"):
            self._attempt(revision, _publish_revision, revision=revision, now=now)
        queue_pages(due_page_ids, urgent=True)
        # Updates that a crash left, or that failed a few times. They precede documents, which show outdated texts.
        process_updates(limit=UPDATES_PER_RUN)
        process_refresh_requests()
        # The index may have missed changes while its engine was unavailable.
        schedule_index_update()
        # This command is the only one that runs regularly on every instance.
        delete_expired_searches()
        # The thread that would try again may have ended with its process.
        schedule_delivery()
        # A crash may have left them. Last, and only some of them: everything else that is due would wait.
        process_requested_translations(limit=TRANSLATIONS_PER_RUN, seconds=TRANSLATION_SECONDS)
        enqueue_requested_pages()
        enqueue_drafts()

    def _attempt(self, subject: Page | Revision, action: Callable[..., Any], **arguments: Any) -> None:
        try:
            with transaction.atomic():
                action(**arguments)
        except Exception as error:  # Any error: the other pages are due as well.
            self.failures.append(f"“{subject}”: {error}")
        else:
            self.completed.append(str(subject))


def _publish_revision(revision: Revision, now: datetime.datetime) -> None:
    page = revision.as_object()
    if page.expire_at is not None and page.expire_at < now:
        # The page expired before it was due, so the schedule is removed.
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
    else:
        revision.publish(log_action="wagtail.publish.scheduled")

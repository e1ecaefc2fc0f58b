"""Queueing of refresh requests, in the transaction of the change that they follow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, models, transaction
from django.utils.translation import gettext as _

from sites.people.request_context import current_request

from .models import RefreshRequest

logger = logging.getLogger(__name__)

Change = RefreshRequest.Change


def queue_pages(page_ids: Iterable[int], *, urgent: bool = False) -> None:
    """Queue the documents of pages, for the background."""
    _queue(RefreshRequest.for_pages(page_ids, urgent=urgent))


def queue_own_page(page_id: int) -> None:
    """Queue the document of a page that is saved or deleted. It is written at once after the commit."""
    _queue(RefreshRequest.for_pages([page_id], urgent=True), own_page=page_id)


def queue_subtree(page_id: int) -> None:
    """Queue the documents of a page and of all its descendants."""
    _queue(RefreshRequest.for_pages([page_id], Change.SUBTREE, urgent=True))


def queue_addresses(page_id: int) -> None:
    """Queue the addresses of a page and of all its descendants; their content is unchanged."""
    _queue(RefreshRequest.for_pages([page_id], Change.ADDRESSES))


def queue_child_order(page_id: int) -> None:
    """Queue an update of the tree paths of the documents below a page; their content is unchanged."""
    _queue(RefreshRequest.for_pages([page_id], Change.ORDER))


def queue_content(page_id: int) -> None:
    """Queue the documents of a page in every language, and of its copies."""
    _queue(RefreshRequest.for_pages([page_id], Change.CONTENT, urgent=True))


def queue_object(instance: models.Model, *, urgent: bool = False) -> None:
    """Queue all documents that depend on an object: a snippet, an image, a consent, a collection, a department."""
    _queue([RefreshRequest.for_object(instance, urgent=urgent)])


def queue_objects(instances: Iterable[models.Model], *, urgent: bool = False) -> None:
    """Queue all documents that depend on any of the objects."""
    _queue([RefreshRequest.for_object(instance, urgent=urgent) for instance in instances])


def _queue(requests: list[RefreshRequest], own_page: int | None = None) -> None:
    RefreshRequest.objects.bulk_create(requests)
    if own_page is not None:
        _calls.own_pages.add(own_page)
    schedule_processing()


class _ScheduledCalls(threading.local):
    """Counters of calls of `schedule_processing`, for each thread, because each has its own database connection.

    `last` is the number of the last call, `served` the number of the last call for which the requests are processed.
    `own_pages` are the pages that the thread has queued since then.
    """

    last = 0
    served = 0

    def __init__(self) -> None:
        self.own_pages: set[int] = set()


_calls = _ScheduledCalls()


def schedule_processing() -> None:
    """Process the requests after the commit, or immediately outside a transaction.

    All calls in one transaction process the requests once: a bulk change makes thousands of calls, and with a worker
    each task is a row of its queue. Django has no hook to register a callback once per transaction.
    """
    _calls.last += 1
    transaction.on_commit(partial(_process_once, _calls.last))


def _process_once(call: int) -> None:
    """Publish the pages of this transaction and leave the others to the background, unless that is done for this call.

    When a callback runs, the requests of all calls of this thread are committed or rolled back.
    """
    from .publisher import MAXIMUM_OWN_PAGES, publish_own_pages  # It imports the serializers of all page types.
    from .tasks import refresh_documents

    if call <= _calls.served:
        return
    _calls.served = _calls.last
    own_pages, _calls.own_pages = _calls.own_pages, set()
    if 0 < len(own_pages) <= MAXIMUM_OWN_PAGES:
        try:
            if publish_own_pages(own_pages):
                _tell_editor()
        except DatabaseError:
            # The change is committed, so the request must not fail: the background publishes it.
            logger.exception("pages %s are left to the background", sorted(own_pages))
    if RefreshRequest.objects.exists():
        refresh_documents.using(backend=settings.DOCUMENT_TASKS).enqueue()


def _tell_editor() -> None:
    """Add a message to the request of the editor whose page could not be published."""
    request = current_request()
    if request is not None:
        message = _("The page is saved, but the public site does not show it yet: its content could not be written.")
        messages.error(request, message, fail_silently=True)  # Requests of the API have no messages.

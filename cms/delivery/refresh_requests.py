"""Queueing of refresh requests, in the transaction of the change that they follow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, models
from django.utils.translation import gettext as _

from cms.commit_callbacks import OncePerCommit
from sites.people.request_context import current_request

from .models import RefreshRequest

logger = logging.getLogger(__name__)

Change = RefreshRequest.Change


def queue_pages(page_ids: Iterable[int], *, urgent: bool = False) -> None:
    """Queue the documents of pages, for the background."""
    _queue(RefreshRequest.for_pages(page_ids, urgent=urgent))


def queue_headers(page_ids: Iterable[int]) -> None:
    """Queue the headers of the documents of pages; their content is unchanged."""
    _queue(RefreshRequest.for_pages(page_ids, Change.HEADER))


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
        _own_pages.ids.add(own_page)
    schedule_processing()


class _OwnPages(threading.local):
    """The pages that this thread has queued as its own since it last processed the requests."""

    def __init__(self) -> None:
        self.ids: set[int] = set()


_own_pages = _OwnPages()


def schedule_processing() -> None:
    """Process the requests after the commit, or immediately outside a transaction."""
    _processing.schedule()


def _process() -> None:
    """Publish the pages of this transaction and leave the others to the background."""
    from .publisher import MAXIMUM_OWN_PAGES, publish_own_pages  # It imports the serializers of all page types.
    from .tasks import refresh_documents

    own_pages, _own_pages.ids = _own_pages.ids, set()
    if 0 < len(own_pages) <= MAXIMUM_OWN_PAGES:
        try:
            if publish_own_pages(own_pages):
                _tell_editor()
        except DatabaseError:
            # The change is committed, so the request must not fail: the background publishes it.
            logger.exception("pages %s are left to the background", sorted(own_pages))
    if RefreshRequest.objects.exists():
        refresh_documents.using(backend=settings.DOCUMENT_TASKS).enqueue()


_processing = OncePerCommit(_process)


def _tell_editor() -> None:
    """Add a message to the request of the editor whose page could not be published."""
    request = current_request()
    if request is not None:
        message = _("The page is saved, but the public site does not show it yet: its content could not be written.")
        messages.error(request, message, fail_silently=True)  # Requests of the API have no messages.

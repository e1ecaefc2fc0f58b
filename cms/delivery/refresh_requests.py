"""Queueing of refresh requests, in the transaction of the change that they follow."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import partial

from django.db import models, transaction

from .models import RefreshRequest


def queue_pages(page_ids: Iterable[int]) -> None:
    """Queue the documents of pages."""
    _queue(RefreshRequest.for_pages(page_ids))


def queue_subtree(page_id: int) -> None:
    """Queue the documents of a page and of all its descendants."""
    _queue(RefreshRequest.for_pages([page_id], RefreshRequest.Scope.SUBTREE))


def queue_child_order(page_id: int) -> None:
    """Queue an update of the tree paths of the documents below a page; their content is unchanged."""
    _queue(RefreshRequest.for_pages([page_id], RefreshRequest.Scope.ORDER))


def queue_referencing_documents(instance: models.Model) -> None:
    """Queue all documents that show a snippet, an image, a file, a video or a consent."""
    RefreshRequest.for_object(instance).save()
    schedule_processing()


def queue_documents_referencing_any(instances: models.QuerySet) -> None:
    """Queue all documents that show any of the instances, which are of one model."""
    _queue([RefreshRequest.for_object(instance) for instance in instances.only("pk")])


def _queue(requests: list[RefreshRequest]) -> None:
    RefreshRequest.objects.bulk_create(requests)
    schedule_processing()


class _ScheduledCalls(threading.local):
    """Counters of calls of `schedule_processing`, for each thread, because each has its own database connection.

    `last` is the number of the last call, `served` the number of the last call for which a task is enqueued.
    """

    last = 0
    served = 0


_calls = _ScheduledCalls()


def schedule_processing() -> None:
    """Enqueue the refresh task after the commit, or immediately outside a transaction.

    All calls in one transaction enqueue one task: a bulk change makes thousands of calls, and with a worker each task
    is a row of its queue. Django has no hook to register a callback once per transaction.
    """
    _calls.last += 1
    transaction.on_commit(partial(_enqueue_once, _calls.last))


def _enqueue_once(call: int) -> None:
    """Enqueue the refresh task, unless an earlier callback has enqueued one for this call too.

    When a callback runs, the requests of all calls of this thread are committed or rolled back.
    """
    from .tasks import refresh_documents  # Tasks import the serializers of all page types.

    if call > _calls.served:
        _calls.served = _calls.last
        refresh_documents.enqueue()

"""Refresh requests that wait, pages that are overdue, and pages whose document could not be written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from .models import PublicationState, RefreshRequest

# A worker, or `publish_scheduled`, processes a request within a minute or two.
LONGEST_WAIT = timedelta(minutes=10)


def waiting_requests() -> tuple[int, datetime | None]:
    """Return the number of refresh requests, and the time of the oldest."""
    waiting = RefreshRequest.objects.all()
    return waiting.count(), waiting.aggregate(oldest=Min("created_at"))["oldest"]


def stuck_pages() -> dict[int, str]:
    """Return the errors of the pages whose document could not be written, by page id, the longest failing first."""
    failed = PublicationState.objects.exclude(failed_at=None).order_by("failed_at", "page_id")
    return dict(failed.values_list("page_id", "error"))


def delays() -> list[str]:
    """Return sentences about the changes that nothing has processed for LONGEST_WAIT."""
    limit = timezone.now() - LONGEST_WAIT
    waiting = RefreshRequest.objects.filter(created_at__lt=limit).count()
    overdue = PublicationState.objects.filter(next_change_at__lt=limit).count()
    sentences = []
    if waiting:
        sentences.append(f"{waiting} changes wait for more than ten minutes: is the worker running?")
    if overdue:
        sentences.append(f"{overdue} pages are overdue for more than ten minutes: is publish_scheduled running?")
    return sentences


def failing_pages(errors: Mapping[int, str]) -> list[str]:
    """Return a line for each page that fails, the longest failing first. `errors` of a rebuild are by page id."""
    states = PublicationState.objects.exclude(failed_at=None).order_by("failed_at")
    known = {
        state.page_id: f"fails since {state.failed_at:%Y-%m-%d %H:%M} ({state.attempts} attempts): {state.error}"
        for state in states
    }
    new = {page_id: f"fails: {error}" for page_id, error in sorted(errors.items()) if page_id not in known}
    return [f"page {page_id} {message}" for page_id, message in (known | new).items()]

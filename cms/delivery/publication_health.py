"""Refresh requests that wait, and pages whose document could not be written."""

from __future__ import annotations

import datetime

from django.db.models import Min

from .models import PublicationState, RefreshRequest


def waiting_requests() -> tuple[int, datetime.datetime | None]:
    """Return the number of refresh requests, and the time of the oldest."""
    waiting = RefreshRequest.objects.all()
    return waiting.count(), waiting.aggregate(oldest=Min("created_at"))["oldest"]


def stuck_pages() -> dict[int, str]:
    """Return the errors of the pages whose document could not be written, by page id, the longest failing first."""
    failed = PublicationState.objects.exclude(failed_at=None).order_by("failed_at", "page_id")
    return dict(failed.values_list("page_id", "error"))

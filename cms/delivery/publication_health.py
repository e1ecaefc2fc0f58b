"""Refresh requests that wait, and pages whose document could not be written."""

from __future__ import annotations

import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Min
from wagtail.models import Page

from .models import RefreshRequest


def waiting_requests() -> tuple[int, datetime.datetime | None]:
    """Return the number of refresh requests that were not tried yet, and the time of the oldest."""
    waiting = RefreshRequest.objects.filter(attempts=0)
    return waiting.count(), waiting.aggregate(oldest=Min("created_at"))["oldest"]


def stuck_pages() -> dict[int, str]:
    """Return the errors of the pages whose document could not be written, by page id."""
    page_type = ContentType.objects.get_for_model(Page)
    failed = RefreshRequest.objects.filter(attempts__gt=0, content_type=page_type).order_by("pk")
    return dict(failed.values_list("object_id", "error"))

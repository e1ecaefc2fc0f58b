"""The moment from which a document with dates is over: one rule for lists, search and the API."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cms.content_types.registry import find_document_type


def over_at(data: dict[str, Any], time_zone: str) -> datetime.datetime | None:
    """Return the midnight after the last day of a document (docs/document.md), in the time zone of its owner.

    A date without time is a day of that time zone, whatever the time zone of the event. Return None for a document
    without dates.
    """
    document_type = find_document_type(data["type"])
    if document_type is None or not document_type.has_dates:
        return None
    last = data["content"]["end"] or data["content"]["start"]
    if not last:
        return None
    zone = ZoneInfo(time_zone)
    moment = datetime.datetime.fromisoformat(last)
    # Only times have an offset from UTC (docs/document.md).
    day = moment.astimezone(zone).date() if moment.tzinfo else moment.date()
    return datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min, tzinfo=zone)

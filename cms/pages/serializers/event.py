"""Serializer of events."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from cms.pages.models import EventPage
from sites.validation.links import safe_url

from .context import SerializerContext
from .values.rich_text import rich_text_html
from .values.stream_values import stream_blocks, stream_values


def event_content(page: EventPage, context: SerializerContext) -> dict[str, Any]:
    for moment in (page.registration_opens_at, page.registration_closes_at):
        if moment is not None:
            context.schedule_refresh(moment)
    return {
        "tagline": page.tagline,
        "introduction": rich_text_html(page.introduction, context),
        "status": page.status,
        "attendance_mode": page.attendance_mode,
        "start": _moment(page.start_date, page.start_time, page.time_zone),
        "end": _moment(page.last_date, page.end_time, page.time_zone),
        "time_zone": page.time_zone,
        "days": [_day(day, page.time_zone) for day in stream_values(page.days, context)],
        "stands": stream_values(page.stands, context),
        "venue": _venue(page),
        "online_url": safe_url(page.online_url),
        "objectives": stream_values(page.objectives, context),
        "audiences": stream_values(page.audiences, context),
        "price": {
            "is_free": page.is_free,
            "amount": None if page.price_amount is None else str(page.price_amount),
            "currency": page.price_currency,
            "note": page.price_note,
        },
        "registration": {
            "url": safe_url(page.registration_url),
            "opens_at": _in_zone(page.registration_opens_at, page.time_zone),
            "closes_at": _in_zone(page.registration_closes_at, page.time_zone),
            "capacity": page.registration_capacity,
            "note": page.registration_note,
        },
        "theme": {"text": page.theme, "footnotes": stream_values(page.theme_footnotes, context)},
        "edition": {
            "number": page.edition_number,
            "series": page.series,
            "first_year": page.series_first_year,
        },
        "organisers": [_organiser(organiser) for organiser in stream_values(page.organisers, context)],
        "partners": stream_values(page.partners, context),
        "committees": stream_values(page.committees, context),
        "funding_frame": _funding_frame(page),
        "professions": stream_values(page.professions, context),
        "testimonials": stream_values(page.testimonials, context),
        "documents": stream_values(page.documents, context),
        "body": stream_blocks(page.body, context),
    }


def _moment(date: datetime.date | None, time: datetime.time | None, time_zone: str) -> str:
    """Return an ISO 8601 date, or date and time with UTC offset if there is a time; "" without a date."""
    if date is None:
        return ""
    if time is None:
        return date.isoformat()
    zone = zoneinfo.ZoneInfo(time_zone)
    return datetime.datetime.combine(date, time, tzinfo=zone).isoformat()


def _in_zone(moment: datetime.datetime | None, time_zone: str) -> str | None:
    """Return a moment as ISO 8601 date and time with the UTC offset of the time zone; None for None."""
    return None if moment is None else moment.astimezone(zoneinfo.ZoneInfo(time_zone)).isoformat()


def _day(day: dict[str, Any], time_zone: str) -> dict[str, Any]:
    """Return a day whose sessions start and end at ISO 8601 dates and times with UTC offset, not at local times."""
    date = datetime.date.fromisoformat(day["date"]) if day["date"] else None

    def with_date(local_time: str | None) -> str | None:
        if date is None or not local_time:
            return None
        return _moment(date, datetime.time.fromisoformat(local_time), time_zone)

    sessions = [
        {**session, "start": with_date(session["start"]), "end": with_date(session["end"])}
        for session in day["sessions"]
    ]
    return {**day, "sessions": sessions}


def _organiser(organiser: dict[str, Any]) -> dict[str, Any]:
    contacts = organiser.pop("contacts")
    return {**organiser, "contact": contacts[0] if contacts else None}


def _venue(page: EventPage) -> dict[str, Any] | None:
    if not (page.venue_name or page.venue_city):
        return None
    return {
        "name": page.venue_name,
        "address": page.venue_address,
        "postcode": page.venue_postcode,
        "city": page.venue_city,
        "country": page.venue_country,
        "latitude": None if page.venue_latitude is None else float(page.venue_latitude),
        "longitude": None if page.venue_longitude is None else float(page.venue_longitude),
        "access": page.venue_access,
    }


def _funding_frame(page: EventPage) -> dict[str, Any] | None:
    if not page.funding_name:
        return None
    return {
        "name": page.funding_name,
        "start_year": page.funding_start_year,
        "end_year": page.funding_end_year,
        "description": page.funding_description,
    }

"""Template filters for the values of a document."""

from __future__ import annotations

import mimetypes
import re
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from cms.reader.formatting import localized_values
from cms.reader.formatting.footnotes import TextPart, mark_footnotes
from cms.reader.formatting.headings import shift_headings
from cms.reader.formatting.labels import PARTNER_STATUS, label

register = template.Library()

for _filter in (
    localized_values.local_time,
    localized_values.country,
    localized_values.date_and_time,
    localized_values.is_same_day,
    localized_values.language,
    localized_values.long_date,
    localized_values.money,
    localized_values.months,
    localized_values.number,
    localized_values.own_language_name,
    localized_values.partial_date,
    localized_values.duration,
    localized_values.time_zone_name,
    localized_values.weekday_date,
    label,
):
    register.filter(_filter.__name__, _filter)


@register.filter
def rich_text(html: str, level: int) -> SafeString:
    """Return HTML of a document, sanitised at publication, with its headings shifted to start at `level`."""
    return mark_safe(shift_headings(html, level))  # noqa: S308


@register.filter
def highlighted(html: str) -> SafeString:
    """Return a search fragment as safe HTML: search escapes everything except `<mark>`."""
    return mark_safe(html)  # noqa: S308


@register.filter
def marked_theme(theme: dict[str, Any]) -> list[TextPart]:
    """Return the text of an event's theme in parts, with the marks of its footnotes."""
    return mark_footnotes(theme["text"], theme["footnotes"])


@register.filter
def block_template(block_type: str) -> str:
    return f"reader/blocks/{block_type}.html"


@register.filter
def telephone_url(number: str) -> str:
    """Return the `tel:` URL of a telephone number (RFC 3966): digits and plus only."""
    return "tel:" + re.sub(r"[^\d+]", "", number)


@register.filter
def file_kind(media_type: str) -> str:
    """Return the file extension of a media type in capitals ("PDF"), or "" for an unknown one."""
    return (mimetypes.guess_extension(media_type) or "").lstrip(".").upper()


@register.filter
def map_url(venue: dict[str, Any]) -> str:
    """Return the OpenStreetMap URL of a venue's coordinates."""
    position = f"{venue['latitude']}/{venue['longitude']}"
    return f"https://www.openstreetmap.org/?mlat={venue['latitude']}&mlon={venue['longitude']}#map=17/{position}"


@register.filter
def coordinates(venue: dict[str, Any]) -> str:
    """Return a venue's coordinates in decimal degrees (WGS 84, order of ISO 6709)."""
    return f"{venue['latitude']}, {venue['longitude']}"


@register.filter
def by_country(partners: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return (country code, partners), countries in order of first appearance, partners sorted by status."""
    order = list(PARTNER_STATUS)
    groups: dict[str, list[dict[str, Any]]] = {}
    for partner in partners:
        groups.setdefault(partner["country"], []).append(partner)
    return [
        (country, sorted(members, key=lambda partner: order.index(partner["status"])))
        for country, members in groups.items()
    ]

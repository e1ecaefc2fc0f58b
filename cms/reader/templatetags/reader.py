"""Filters that draw the values of a published document."""

from __future__ import annotations

import mimetypes
import re
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from cms.reader import formats
from cms.reader.headings import fit_headings
from cms.reader.labels import PARTNER_STATUS, label

register = template.Library()

for _filter in (
    formats.clock,
    formats.country,
    formats.date_and_time,
    formats.is_same_day,
    formats.language,
    formats.long_date,
    formats.money,
    formats.months,
    formats.number,
    formats.own_language_name,
    formats.partial_date,
    formats.playing_time,
    formats.time_zone_name,
    formats.weekday_date,
    label,
):
    register.filter(_filter.__name__, _filter)


@register.filter
def rich(html: str, level: int) -> SafeString:
    """Return a document's HTML, sanitised when it was published, with its headings from `level` on."""
    return mark_safe(fit_headings(html, level))  # noqa: S308


@register.filter
def marked(html: str) -> SafeString:
    """Return a fragment of a search: every part of it was escaped when it was cut, but for its `<mark>`."""
    return mark_safe(html)  # noqa: S308


@register.filter
def block_template(block_type: str) -> str:
    return f"reader/blocks/{block_type}.html"


@register.filter
def telephone(number: str) -> str:
    """Return a telephone number as an address (RFC 3966): digits and a leading plus only."""
    return "tel:" + re.sub(r"[^\d+]", "", number)


@register.filter
def file_kind(media_type: str) -> str:
    """Return what people call a media type: "PDF"; "" for an unknown one."""
    return (mimetypes.guess_extension(media_type) or "").lstrip(".").upper()


@register.filter
def map_address(venue: dict[str, Any]) -> str:
    """Return the address of a venue's place on OpenStreetMap."""
    place = f"{venue['latitude']}/{venue['longitude']}"
    return f"https://www.openstreetmap.org/?mlat={venue['latitude']}&mlon={venue['longitude']}#map=17/{place}"


@register.filter
def coordinates(venue: dict[str, Any]) -> str:
    """Return a venue's coordinates in decimal degrees (WGS 84), in the notation of ISO 6709 for people."""
    return f"{venue['latitude']}, {venue['longitude']}"


@register.filter
def by_country(partners: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return partners grouped by country code, in the order of each country's first; inside, by status."""
    order = list(PARTNER_STATUS)
    groups: dict[str, list[dict[str, Any]]] = {}
    for partner in partners:
        groups.setdefault(partner["country"], []).append(partner)
    return [
        (country, sorted(members, key=lambda partner: order.index(partner["status"])))
        for country, members in groups.items()
    ]

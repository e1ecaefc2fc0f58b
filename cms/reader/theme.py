"""A department's colours as a style sheet; everything else of the look is in reader.css."""

from __future__ import annotations

import hashlib

from django.urls import reverse

from sites.models import Department


def theme_css(department: Department) -> str:
    """Return the custom properties that reader.css builds its colours from."""
    return f":root{{--primary:{department.primary_colour};--accent:{department.accent_colour}}}\n"


def theme_version(department: Department) -> str:
    """Return a short text that changes with the colours."""
    return hashlib.sha256(theme_css(department).encode()).hexdigest()[:8]


def theme_url(department: Department) -> str:
    """Return the address of the style sheet, for every host; it may be kept for ever."""
    return f"{reverse('reader:theme', args=[department.slug])}?v={theme_version(department)}"

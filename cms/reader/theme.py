"""Style sheet with a department's colours; reader.css has all other rules."""

from __future__ import annotations

import hashlib

from django.urls import reverse

from sites.models import Department


def theme_css(department: Department) -> str:
    """Return the CSS custom properties from which reader.css derives its colours."""
    return f":root{{--primary:{department.primary_colour};--accent:{department.accent_colour}}}\n"


def theme_version(department: Department) -> str:
    """Return a short hash of the colours."""
    return hashlib.sha256(theme_css(department).encode()).hexdigest()[:8]


def theme_url(department: Department) -> str:
    """Return the URL of the style sheet on any host. It contains the version, so caches may keep it forever."""
    return f"{reverse('reader:theme', args=[department.slug])}?v={theme_version(department)}"

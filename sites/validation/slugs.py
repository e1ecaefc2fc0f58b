"""Slugs of departments: they are the first component of paths, which other URLs use too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import URLResolver, get_resolver
from django.utils.translation import gettext as _


def reserved_slugs() -> frozenset[str]:
    """Return the first path components of the URL configuration, of static and media files, and of languages."""
    routes = _routes(get_resolver())
    prefixes = (urlsplit(address).path.lstrip("/") for address in (settings.STATIC_URL, settings.MEDIA_URL))
    components = {path.partition("/")[0].lower() for path in (*routes, *prefixes)}
    languages = {code.lower() for code, _name in settings.LANGUAGES}
    # The search page of the portal is a path of the reader's only pattern.
    return frozenset(components | languages | {"search"}) - {""}


def _routes(resolver: URLResolver) -> Iterator[str]:
    """Yield the fixed start of each URL; the URLs of an `include` without a prefix one by one."""
    for pattern in resolver.url_patterns:
        start = re.split(r"[<(]", str(pattern.pattern).lstrip("^"))[0]
        if isinstance(pattern, URLResolver) and not start:
            yield from _routes(pattern)
        else:
            yield start


def validate_department_slug(slug: str) -> None:
    """Raise ValidationError for a slug that is the first component of another URL."""
    if slug.lower() in reserved_slugs():
        raise ValidationError(_("“%(slug)s” is part of another address: choose another one.") % {"slug": slug})

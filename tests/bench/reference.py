"""The same queries on Wagtail's own database search, as a site without `search/` would run them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection
from wagtail.models import Locale, Page
from wagtail.search.utils import parse_query_string

from sites.models import Department

from . import limits
from .fixture_data import PAGES
from .queries import BenchmarkQuery

PAGE_SIZE = 20


class TooSlow(Exception):
    """Raised when a query takes more than `limits.ONE_QUERY` seconds."""


@contextmanager
def limited() -> Iterator[None]:
    """Stop the statement of the block after `limits.ONE_QUERY` seconds; raises TooSlow."""
    connection.ensure_connection()
    stop = connection.connection.interrupt if connection.vendor == "sqlite" else connection.connection.cancel
    timer = threading.Timer(limits.ONE_QUERY, stop)
    timer.start()
    try:
        yield
    except OperationalError as error:
        raise TooSlow from error
    finally:
        timer.cancel()


@limited()
def find(query: BenchmarkQuery) -> int:
    """Read a page of hits, their number, and the counts by type and language; return the number.

    Wagtail counts values of columns of the page table only, so there are no counts of departments or of content.
    """
    pages = Page.objects.live()
    if query.locale:
        pages = pages.filter(locale=_locale(query.locale))
    if query.department:
        pages = pages.filter(path__startswith=_container_path(query.department))
        pages = pages.filter(content_type=ContentType.objects.get_for_model(PAGES[query.type][0]))
    _filters, words = parse_query_string(query.text, operator="and")
    found = pages.search(words)
    list(found[:PAGE_SIZE])
    found.facet("content_type_id")
    found.facet("locale_id")
    count: int = found.count()
    return count


@limited()
def complete(prefix: str, locale: str, limit: int) -> int:
    """Return the number of titles that complete a prefix, at most `limit`."""
    pages = Page.objects.live().filter(locale=_locale(locale))
    return len([page.title for page in pages.autocomplete(prefix)[:limit]])


@cache
def _container_path(department: str) -> str:
    path: str = Department.objects.get(slug=department).container.path
    return path


@cache
def _locale(code: str) -> Locale:
    return Locale.objects.get(language_code=code)

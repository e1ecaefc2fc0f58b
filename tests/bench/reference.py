"""The same searches on Wagtail's own database search, as a site without `search/` would run them."""

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
from .questions import Question

PAGE_SIZE = 20


class TooSlow(Exception):
    """No answer within `limits.ANSWER` seconds."""


@contextmanager
def limited() -> Iterator[None]:
    """Stop what the database is doing when the time is over; raises TooSlow."""
    connection.ensure_connection()
    stop = connection.connection.interrupt if connection.vendor == "sqlite" else connection.connection.cancel
    timer = threading.Timer(limits.ANSWER, stop)
    timer.start()
    try:
        yield
    except OperationalError as error:
        raise TooSlow from error
    finally:
        timer.cancel()


@limited()
def find(question: Question) -> int:
    """Read a page of hits, their number, and the counts by type and language; return the number.

    It counts by columns of the table of pages only: neither departments nor what stands in the content.
    """
    pages = Page.objects.live()
    if question.locale:
        pages = pages.filter(locale=_locale(question.locale))
    if question.department:
        pages = pages.filter(path__startswith=_container_path(question.department))
        pages = pages.filter(content_type=ContentType.objects.get_for_model(PAGES[question.type][0]))
    _filters, words = parse_query_string(question.text, operator="and")
    found = pages.search(words)
    list(found[:PAGE_SIZE])
    found.facet("content_type_id")
    found.facet("locale_id")
    count: int = found.count()
    return count


@limited()
def complete(prefix: str, locale: str, limit: int) -> int:
    """Return how many of the first titles begin like a text."""
    pages = Page.objects.live().filter(locale=_locale(locale))
    return len([page.title for page in pages.autocomplete(prefix)[:limit]])


@cache
def _container_path(department: str) -> str:
    path: str = Department.objects.get(slug=department).container.path
    return path


@cache
def _locale(code: str) -> Locale:
    return Locale.objects.get(language_code=code)

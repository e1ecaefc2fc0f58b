"""Errors that get the answer of production in development too, instead of Django's page with the traceback.

Replaces: `handle_uncaught_exception` of `django.core.handlers.exception` while DEBUG is on, for chosen errors.
Why no hook serves: with DEBUG on Django calls no `handler500`. A reporter of exceptions (`DEFAULT_EXCEPTION_REPORTER`)
    sets the text of the page, but neither its status nor its headers, and a middleware sees no error of another one.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/test_database_outage.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers import exception
from django.http import HttpRequest, HttpResponse

_django_handle_uncaught_exception = exception.handle_uncaught_exception


def replace_debug_page(answer: Callable[[HttpRequest, BaseException], HttpResponse | None]) -> None:
    """Let `answer` return the response to a request that ended with an error, or None for Django's page."""

    def handle_uncaught_exception(request: HttpRequest, resolver: Any, exc_info: Any) -> Any:
        response = answer(request, exc_info[1]) if settings.DEBUG else None
        return response or _django_handle_uncaught_exception(request, resolver, exc_info)

    exception.handle_uncaught_exception = handle_uncaught_exception

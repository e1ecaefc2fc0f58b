"""Responses that Django does not log.

Replaces: no code, but sets `_has_been_logged` of a response, which `django.utils.log.log_response` sets and reads.
Why no hook serves: Django logs an error for each response with a status of 500 or more. An outage would write a line
    for each request; the product counts these requests and writes one line a minute. A filter of the log would have to
    recognise the response by its text.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/test_database_outage.py.
"""

from __future__ import annotations

from django.http import HttpResponse


def mark_as_logged(response: HttpResponse) -> None:
    """Keep Django from logging a response that the product has logged or counted."""
    response._has_been_logged = True  # type: ignore[attr-defined]

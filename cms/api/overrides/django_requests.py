"""The request of Django in a request of Django REST framework.

Replaces: no code, but reads `Request._request`, which is private.
Why no hook serves: Django REST framework wraps the request and does not subclass it. Functions outside the API take the
    request of Django, and reading it through the wrapper would authenticate a second time.
Written for: Django REST framework 3.18.
Upstream issue: none found.
Test that fails when upstream changes: tests/api/test_urls.py.
"""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request


def django_request(request: Request) -> HttpRequest:
    """Return the request that Django passed to the view."""
    return request._request

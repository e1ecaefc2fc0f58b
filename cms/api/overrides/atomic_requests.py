"""Recognises views that are exempt from ATOMIC_REQUESTS.

Replaces: no code, but reads `_non_atomic_requests`, which `transaction.non_atomic_requests` of Django sets on a view.
Why no hook serves: Django REST framework marks every surrounding transaction for rollback when a view fails. A
    transaction around an exempt view belongs to its caller, and Django has no public function that names these views.
Written for: Django 5.2 and Django REST framework 3.18.
Upstream issue: none found.
Test that fails when upstream changes: tests/api/test_urls.py.
"""

from django.db import DEFAULT_DB_ALIAS
from rest_framework.request import Request


def is_exempt_from_atomic_requests(request: Request) -> bool:
    """Return True if the view that answers the request runs outside a transaction of its own."""
    match = request.resolver_match
    return match is not None and DEFAULT_DB_ALIAS in getattr(match.func, "_non_atomic_requests", ())

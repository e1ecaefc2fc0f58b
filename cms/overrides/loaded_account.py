"""The account of a request, if it has been loaded.

Replaces: no code, but reads `_cached_user`, which `django.contrib.auth.middleware` sets on a request.
Why no hook serves: `request.user` loads the account with a query, which an entry of the log must not run. Django has no
    public function that says whether the account is loaded.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/hardening/test_log_lines.py.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def loaded_account(request: HttpRequest) -> Any:
    """Return the account of a request, or None if no code has read it yet. No query."""
    return getattr(request, "_cached_user", None)

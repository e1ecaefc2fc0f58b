"""The transaction of a request: none for reading, repeated after a collision for everything else.

Replaces: `BaseHandler.make_view_atomic` of Django, for views without `transaction.non_atomic_requests`.
Why no hook serves: with ATOMIC_REQUESTS Django begins the transaction of a view after all middleware, and a middleware
    cannot learn if an error came before or after its commit. A decorator of the URL patterns would run inside of it.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/test_request_transactions.py.
"""

from __future__ import annotations

from asyncio import iscoroutinefunction
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.handlers.base import BaseHandler
from django.db import DEFAULT_DB_ALIAS, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ..repetition import commit, repeat_on_collision
from ..short_transactions import has_own_transactions
from .request_state import RequestState

View = Callable[..., HttpResponseBase]
# Methods of requests that write nothing (RFC 9110, 9.2.1). On SQLite a transaction would take the lock of the writer.
READING_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))

_django_make_view_atomic = BaseHandler.make_view_atomic


def replace_view_transactions() -> None:
    """Let every handler run views in the transactions of this module."""
    BaseHandler.make_view_atomic = make_view_atomic  # type: ignore[method-assign, assignment]


def make_view_atomic(handler: BaseHandler, view: View) -> View:
    """Return the view as a handler calls it. Replaces Django's method."""
    is_atomic = connection.settings_dict["ATOMIC_REQUESTS"]
    if not is_atomic or iscoroutinefunction(view) or DEFAULT_DB_ALIAS in getattr(view, "_non_atomic_requests", ()):
        return _django_make_view_atomic(handler, view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Inside a transaction of a test an error of the database would end it, without a savepoint of the view.
        if request.method in READING_METHODS and not connection.in_atomic_block:
            return view(request, *args, **kwargs)
        if has_own_transactions(request):
            return view(request, *args, **kwargs)
        state = RequestState(request)
        return repeat_on_collision(
            lambda: commit(lambda: view(request, *args, **kwargs), request.path), may_repeat=state.restore
        )

    return answer

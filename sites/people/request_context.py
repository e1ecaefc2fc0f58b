"""The request that the current thread handles, for model methods and signals that do not receive it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def current_request() -> HttpRequest | None:
    """Return the request that is being answered; None in commands, tasks and tests of functions."""
    return _request.get()


@contextmanager
def handling(request: HttpRequest | None) -> Iterator[None]:
    """Make `current_request` return the request within the block."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def within_request(chunks: Iterator[bytes], request: HttpRequest) -> Iterator[bytes]:
    """Yield the chunks of a streamed response, each made while `current_request` returns the request.

    The server asks for the chunks after the middleware has returned.
    """
    iterator = iter(chunks)
    while True:
        with handling(request):
            chunk = next(iterator, None)
        if chunk is None:
            return
        yield chunk

"""ASGI application that hands Django no body beyond the limit of its URL.

Under WSGI a view reads the body, after the middleware. Under ASGI Django stores it in a temporary file before the first
middleware runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.urls import Resolver404, resolve

from .upload_urls import body_limit

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Scope, Receive, Any], Awaitable[None]]

CONTENT_LENGTH = b"content-length"


class LimitedBodies:
    """Wraps Django's application. The limit is that of members, since the session is not known yet.

    Django gets a body that is too long as an empty one, with its length in the headers, so that `BodySizeMiddleware`
    answers 413.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Any) -> None:
        if scope["type"] == "http":
            scope = dict(scope)
            receive = _LimitedBody(scope, receive)
        await self.application(scope, receive, send)


class _LimitedBody:
    """The messages of one request. The body ends before it exceeds the limit."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope, self.receive = scope, receive
        self.limit, self.received, self.is_ended = _limit_of(scope), 0, False
        declared = dict(scope["headers"]).get(CONTENT_LENGTH, b"")
        self.is_declared_too_long = declared.isdigit() and int(declared[:20]) > self.limit

    async def __call__(self) -> Message:
        if self.is_ended:  # Django waits for the end of the connection. What still comes is dropped.
            while (message := await self.receive())["type"] == "http.request":
                continue
            return message
        if self.is_declared_too_long:
            return self._end()
        message = await self.receive()
        self.received += len(message.get("body", b""))
        if self.received <= self.limit:
            return message
        others = [header for header in self.scope["headers"] if header[0] != CONTENT_LENGTH]
        self.scope["headers"] = [*others, (CONTENT_LENGTH, str(self.received).encode())]
        return self._end()

    def _end(self) -> Message:
        self.is_ended = True
        return {"type": "http.request", "body": b"", "more_body": False}


def _limit_of(scope: Scope) -> int:
    try:
        name = resolve(scope["path"].removeprefix(scope.get("root_path", ""))).view_name
    except Resolver404:
        name = ""
    return body_limit(name)

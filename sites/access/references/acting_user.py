"""The user of the current admin request.

Wagtail's widgets, blocks and rich-text converters do not receive the request and read the user here. Outside admin
requests there is no acting user.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sites.access.capabilities import User

# In a tuple: under ASGI, asgiref looks at the type of each value in the event loop, where a lazy user cannot be loaded.
_acting_user: ContextVar[tuple[User] | None] = ContextVar("acting_user", default=None)
_is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)


@contextmanager
def acting_as(user: User, *, is_reading: bool = False) -> Iterator[None]:
    """Make the user the acting user within the context. A request that is reading (GET) changes no content."""
    token, reading_token = _acting_user.set((user,)), _is_reading.set(is_reading)
    try:
        yield
    finally:
        _acting_user.reset(token)
        _is_reading.reset(reading_token)


def is_reading() -> bool:
    """Return True within an admin request that changes no content, so that nothing is published."""
    return _is_reading.get()


def acting_user() -> User | None:
    """Return the user of the current admin request; None outside admin requests."""
    held = _acting_user.get()
    return held[0] if held is not None else None

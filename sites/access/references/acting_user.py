"""The user of the current admin request.

Wagtail's widgets, blocks and rich-text converters do not receive the request and read the user here. Outside admin
requests there is no acting user.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sites.access.capabilities import User

_acting_user: ContextVar[User | None] = ContextVar("acting_user", default=None)


@contextmanager
def acting_as(user: User) -> Iterator[None]:
    """Make the user the acting user within the context."""
    token = _acting_user.set(user)
    try:
        yield
    finally:
        _acting_user.reset(token)


def acting_user() -> User | None:
    """Return the user of the current admin request; None outside admin requests."""
    return _acting_user.get()

"""Objects that a batch has loaded for the StreamField blocks of many pages.

A chooser block queries the objects of its own field. Code that reads the blocks of many pages loads the objects of all
fields together and gives them to the blocks within `loading_with`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Model

# Takes a model and primary keys; returns the existing objects by key.
Loader = Callable[[type[Model], Iterable[Any]], Mapping[Any, Model]]

_loader: ContextVar[Loader | None] = ContextVar("loader", default=None)


@contextmanager
def loading_with(loader: Loader) -> Iterator[None]:
    """Make chooser blocks take their objects from the loader within the context."""
    token = _loader.set(loader)
    try:
        yield
    finally:
        _loader.reset(token)


def current_loader() -> Loader | None:
    """Return the loader of the context; None if blocks query their own objects."""
    return _loader.get()

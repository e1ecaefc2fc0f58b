"""The pages that readers can see now.

The live state of a page is not enough: a testimonial is withdrawn while a consent or its captions are missing. The
package that publishes knows, and registers a function here, since this package may not import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

# Takes keys of pages; returns those of pages that are published now.
Finder = Callable[[Iterable[int]], set[int]]

_finders: list[Finder] = []


def register_published_pages(finder: Finder) -> None:
    """Register the function that finds published pages. Called once, when the applications are ready."""
    _finders[:] = [finder]


def published_pages(keys: Iterable[int]) -> set[int]:
    """Return the keys of the pages that are published now; one query, none for no keys."""
    keys = list(keys)
    return _finders[0](keys) if keys else set()

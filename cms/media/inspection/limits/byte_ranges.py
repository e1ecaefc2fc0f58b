"""Ranges of bytes that a file names as often as it likes, and that are written once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def merged(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the ranges (first, last) by their first byte. Those that overlap or touch become one."""
    first = last = 0
    for start, end in sorted(ranges):
        if start > last:
            if first < last:
                yield first, last
            first = start
        last = max(last, end)
    if first < last:
        yield first, last

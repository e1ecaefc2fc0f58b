"""Prints the progress of the steps of the demo, in a terminal and in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.core.management.base import OutputWrapper

Item = TypeVar("Item")
# A function that yields the items of a step and may print how many of them are done.
Track = Callable[[str, Sequence[Any]], Iterable[Any]]

SECONDS_BETWEEN_LINES = 2.0


def untracked(label: str, items: Sequence[Item]) -> Iterable[Item]:
    """Return the items without printing anything."""
    return items


class ProgressPrinter:
    """A writer of lines such as `Pages 12/76`.

    A terminal shows one line per step, which is rewritten. Any other stream gets a plain line when a step starts,
    every SECONDS_BETWEEN_LINES seconds, and when it ends.
    """

    def __init__(self, stream: OutputWrapper) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()

    def track(self, label: str, items: Sequence[Item]) -> Iterator[Item]:
        """Yield the items of a step and print how many are done."""
        total = len(items)
        printed_at = time.monotonic()
        self._print(label, 0, total)
        for done, item in enumerate(items, start=1):
            yield item
            now = time.monotonic()
            if self._is_terminal or done == total or now - printed_at >= SECONDS_BETWEEN_LINES:
                self._print(label, done, total)
                printed_at = now
        if self._is_terminal:
            self._write("\n")

    def announce(self, label: str) -> None:
        """Print the name of a step whose number of items is unknown."""
        self._write(f"{label}…\n")

    def _print(self, label: str, done: int, total: int) -> None:
        text = f"{label} {done}/{total}"
        self._write(f"\r{text}" if self._is_terminal else f"{text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text, ending="")
        self._stream.flush()

"""Columns of sheets that readers do not see."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

# The letters of the reference of a cell, as in AB12. Excel has three at most.
LETTERS = re.compile("[A-Z]{1,3}")


class HiddenColumns:
    """The hidden columns of a sheet, from ranges of numbers: the first, and the one after the last."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def contain(self, start: int, end: int) -> bool:
        """Return True if all columns from `start` to the one before `end` are hidden."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and end <= self._ends[index]


def column_number(reference: str) -> int:
    """Return the number of the column of a cell, from 1, by its reference as AB12; 0 for none."""
    found = LETTERS.match(reference)
    number = 0
    for letter in found[0] if found else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number

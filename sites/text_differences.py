"""The differences between two texts, word by word, in a bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

# Words, and the spaces and marks between them.
PIECE = re.compile(r"\w+|\s+|[^\w\s]")
WORD = re.compile(r"\w")
# Pairs of pieces that are compared: 3 MB of memory and some milliseconds. Other texts are shown one after the other.
MAX_PAIRS = 25_000_000

EQUAL = "equal"
DELETION = "deletion"
ADDITION = "addition"


class Part(NamedTuple):
    """A part of two texts: one of both (EQUAL), of the former text only (DELETION) or of the present one (ADDITION)."""

    kind: str
    text: str


def text_differences(former: str, present: str) -> list[Part]:
    """Return the parts of two texts in their order, none of them empty; a deletion precedes an addition.

    difflib takes a time that grows with the cube of the number of pieces if they repeat. Here the pieces that both
    texts have in the same order are found in a time that grows with the product of their numbers, at most MAX_PAIRS.
    """
    parts = list(_joined(_compared(PIECE.findall(former), PIECE.findall(present))))
    return list(_joined(_without_lone_marks(parts)))


def _compared(former: list[str], present: list[str]) -> Iterator[Part]:
    """Yield the parts, of which several neighbours may be of the same kind."""
    start = _number_of_equal_pieces(former, present)
    end = _number_of_equal_pieces(list(reversed(former[start:])), list(reversed(present[start:])))
    stop_former, stop_present = len(former) - end, len(present) - end
    yield Part(EQUAL, "".join(former[:start]))
    yield from _compared_middles(former[start:stop_former], present[start:stop_present])
    yield Part(EQUAL, "".join(former[stop_former:]))


def _number_of_equal_pieces(former: list[str], present: list[str]) -> int:
    """Return the number of equal pieces with which two sequences begin."""
    pairs = zip(former, present, strict=False)
    return next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(former), len(present)))


def _compared_middles(former: list[str], present: list[str]) -> Iterator[Part]:
    if len(former) * len(present) > MAX_PAIRS:
        yield Part(DELETION, "".join(former))
        yield Part(ADDITION, "".join(present))
        return
    for edit in LCSseq.opcodes(former, present):
        removed = "".join(former[edit.src_start : edit.src_end])
        added = "".join(present[edit.dest_start : edit.dest_end])
        if edit.tag == "equal":
            yield Part(EQUAL, added)
        else:
            yield Part(DELETION, removed)
            yield Part(ADDITION, added)


def _without_lone_marks(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts; spaces and marks alone between two replaced words are replaced too, for they help no reader."""
    kinds = [part.kind for part in parts]
    for position, part in enumerate(parts):
        before, after = kinds[max(position - 2, 0) : position], kinds[position + 1 : position + 3]
        if part.kind == EQUAL and before == after == [DELETION, ADDITION] and not WORD.search(part.text):
            yield Part(DELETION, part.text)
            yield Part(ADDITION, part.text)
        else:
            yield part


def _joined(parts: Iterator[Part]) -> Iterator[Part]:
    """Yield the parts with one deletion and one addition between two equal parts."""
    for is_equal, group in groupby(parts, key=lambda part: part.kind == EQUAL):
        members = list(group)
        for kind in (EQUAL,) if is_equal else (DELETION, ADDITION):
            if text := "".join(part.text for part in members if part.kind == kind):
                yield Part(kind, text)

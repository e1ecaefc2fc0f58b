"""Removal of the samples of hidden tracks from the fragments of a video (ISO 14496-12, 8.8: `moof`)."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from typing import BinaryIO

from .refusal import DAMAGED, Refused

# Flags of a track fragment header (`tfhd`) and of a run of samples (`trun`), with the values that they announce.
BASE_OFFSET, DESCRIPTION, DURATION, SIZE = 0x1, 0x2, 0x8, 0x10
DATA_OFFSET, FIRST_FLAGS, SAMPLE_VALUES, SAMPLE_SIZE = 0x1, 0x4, (0x100, 0x200, 0x400, 0x800), 0x200


def default_sizes(extends: Collection[bytes]) -> dict[int, int]:
    """Return the default size of samples by track, from the contents of the `trex` boxes."""
    values = [struct.unpack_from(">4I", each, 4) for each in extends]
    return {number: size for number, _description, _duration, size in values}


def sample_ranges(
    header: bytes, runs: Collection[bytes], fragment_start: int, default_size: int
) -> Iterator[tuple[int, int]]:
    """Yield the byte ranges of the samples of a track fragment.

    `header` and `runs` are the contents of its `tfhd` and of its `trun` boxes, `fragment_start` the position of its
    `moof` box. Raises struct.error for incomplete boxes.
    """
    base, size = fragment_start, default_size
    (flags,) = struct.unpack_from(">I", header)
    position = 8
    for flag, length in ((BASE_OFFSET, 8), (DESCRIPTION, 4), (DURATION, 4), (SIZE, 4)):
        if flags & flag:
            (value,) = struct.unpack_from(">Q" if length == 8 else ">I", header, position)
            base, size = (value if flag == BASE_OFFSET else base), (value if flag == SIZE else size)
            position += length
    start = base
    for run in runs:
        flags, count = struct.unpack_from(">II", run)
        position = 8
        if flags & DATA_OFFSET:
            start = base + struct.unpack_from(">i", run, position)[0]
            position += 4
        position += 4 if flags & FIRST_FLAGS else 0
        values = [flag for flag in SAMPLE_VALUES if flags & flag]
        if SAMPLE_SIZE in values:
            table = struct.unpack_from(f">{count * len(values)}I", run, position)
            total = sum(table[values.index(SAMPLE_SIZE) :: len(values)])
        else:
            total = count * size
        yield start, start + total
        start += total


def track_of(header: bytes) -> int:
    """Return the id of the track of a fragment, from the content of its `tfhd` box."""
    number: int = struct.unpack_from(">I", header, 4)[0]
    return number


def require_inside(ranges: Collection[tuple[int, int]], stream: BinaryIO) -> None:
    """Raise Refused if a range is not in the file."""
    end = stream.seek(0, 2)
    if any(first < 0 or last > end for first, last in ranges):
        raise Refused(DAMAGED)

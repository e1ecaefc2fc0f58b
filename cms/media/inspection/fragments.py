"""The samples of the fragments of a video (ISO 14496-12, 8.8: `moof`): their offsets and their duration."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

from .refusal import DAMAGED, Refused

# Flags of a track fragment header (`tfhd`) and of a run of samples (`trun`), with the values that they announce.
BASE_OFFSET, DESCRIPTION, DURATION, SIZE = 0x1, 0x2, 0x8, 0x10
DATA_OFFSET, FIRST_FLAGS, SAMPLE_VALUES, SAMPLE_DURATION, SAMPLE_SIZE = (
    0x1, 0x4, (0x100, 0x200, 0x400, 0x800), 0x100, 0x200
)  # fmt: skip


def default_sizes(extends: Collection[bytes]) -> dict[int, int]:
    """Return the default size of samples by track, from the contents of the `trex` boxes."""
    return {number: size for number, _duration, size in _defaults(extends)}


def default_durations(extends: Collection[bytes]) -> dict[int, int]:
    """Return the default duration of samples by track, from the contents of the `trex` boxes."""
    return {number: duration for number, duration, _size in _defaults(extends)}


def _defaults(extends: Collection[bytes]) -> Iterator[tuple[int, int, int]]:
    for each in extends:
        number, _description, duration, size = struct.unpack_from(">4I", each, 4)
        yield number, duration, size


def duration_of(header: bytes, runs: Collection[bytes], default_duration: int) -> int:
    """Return the duration of a track fragment in units of its track. The arguments are those of `sample_ranges`."""
    duration = _header_values(header).get(DURATION, default_duration)
    return sum(_sum_of(run, SAMPLE_DURATION, duration) for run in runs)


def start_of(times: bytes) -> int:
    """Return the time at which a track fragment begins, from the content of its `tfdt` box."""
    start: int = struct.unpack_from(">Q" if times[0] == 1 else ">I", times, 4)[0]
    return start


def sample_ranges(
    header: bytes, runs: Collection[bytes], fragment_start: int, default_size: int
) -> Iterator[tuple[int, int]]:
    """Yield the byte ranges of the samples of a track fragment.

    `header` and `runs` are the contents of its `tfhd` and of its `trun` boxes, `fragment_start` the position of its
    `moof` box. Raises struct.error for incomplete boxes.
    """
    values = _header_values(header)
    base, size = values.get(BASE_OFFSET, fragment_start), values.get(SIZE, default_size)
    start = base
    for run in runs:
        (flags,) = struct.unpack_from(">I", run)
        if flags & DATA_OFFSET:
            start = base + struct.unpack_from(">i", run, 8)[0]
        total = _sum_of(run, SAMPLE_SIZE, size)
        yield start, start + total
        start += total


def _header_values(header: bytes) -> dict[int, int]:
    """Return the values of a `tfhd` box by their flags."""
    values: dict[int, int] = {}
    (flags,) = struct.unpack_from(">I", header)
    position = 8
    for flag, length in ((BASE_OFFSET, 8), (DESCRIPTION, 4), (DURATION, 4), (SIZE, 4)):
        if flags & flag:
            (values[flag],) = struct.unpack_from(">Q" if length == 8 else ">I", header, position)
            position += length
    return values


def _sum_of(run: bytes, flag: int, default: int) -> int:
    """Return the sum of one value of all samples of a `trun` box."""
    flags, count = struct.unpack_from(">II", run)
    values: Sequence[int] = [each for each in SAMPLE_VALUES if flags & each]
    if flag not in values:
        return count * default
    position = 8 + (4 if flags & DATA_OFFSET else 0) + (4 if flags & FIRST_FLAGS else 0)
    table = struct.unpack_from(f">{count * len(values)}I", run, position)
    return sum(table[values.index(flag) :: len(values)])


def track_of(header: bytes) -> int:
    """Return the id of the track of a fragment, from the content of its `tfhd` box."""
    number: int = struct.unpack_from(">I", header, 4)[0]
    return number


def require_inside(ranges: Collection[tuple[int, int]], stream: BinaryIO) -> None:
    """Raise Refused if a range is not in the file."""
    end = stream.seek(0, 2)
    if any(first < 0 or last > end for first, last in ranges):
        raise Refused(DAMAGED)

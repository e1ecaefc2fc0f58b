"""The offsets of the samples of a track (ISO 14496-12, 8.7) and of the items of an image in a file."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator

from .refusal import DAMAGED, TOO_COMPLEX, Refused

MAX_CHUNKS = 500_000
MAX_EXTENTS = 400_000


def chunk_ranges(tables: dict[bytes, bytes]) -> Iterator[tuple[int, int]]:
    """Yield the byte range of each chunk of samples, from the contents of the tables `stsc`, `stsz` and `stco`.

    Raises Refused for more chunks than are accepted, and struct.error for incomplete tables.
    """
    if b"stsz" not in tables or b"stsc" not in tables or not (b"stco" in tables or b"co64" in tables):
        return
    fixed, count = struct.unpack_from(">II", tables[b"stsz"], 4)
    sizes = None if fixed else _numbers(tables[b"stsz"], 12, count)
    is_long = b"co64" in tables
    offsets_table = tables[b"co64" if is_long else b"stco"]
    (chunks,) = struct.unpack_from(">I", offsets_table, 4)
    if chunks > MAX_CHUNKS:
        raise Refused(TOO_COMPLEX)
    offsets = _numbers(offsets_table, 8, chunks, "Q" if is_long else "I")
    (runs,) = struct.unpack_from(">I", tables[b"stsc"], 4)
    values = _numbers(tables[b"stsc"], 8, runs * 3)
    firsts, per_chunk = values[0::3], values[1::3]
    sample, run = 0, -1
    for number, offset in enumerate(offsets, start=1):
        while run + 1 < len(firsts) and firsts[run + 1] <= number:
            run += 1
        samples = per_chunk[run] if run >= 0 else 0
        length = fixed * min(samples, count - sample) if sizes is None else sum(sizes[sample : sample + samples])
        sample += samples
        yield offset, offset + length


def item_ranges(data: bytes, items_data: int | None) -> dict[int, list[tuple[int, int]]]:
    """Return the byte ranges of the items of an image file, from the content of its table `iloc` (ISO 23008-12).

    `items_data` is the position of the content of its `idat` box. Raises Refused for more than are accepted.
    """
    version, sizes = data[0], struct.unpack_from(">BB", data, 4)
    offset_size, length_size, base_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_size = sizes[1] & 15 if version in (1, 2) else 0
    position = 6

    def number(size: int) -> int:
        nonlocal position
        position += size
        if position > len(data):
            raise Refused(DAMAGED)
        return int.from_bytes(data[position - size : position], "big")

    ranges: dict[int, list[tuple[int, int]]] = {}
    extents = 0
    for _item in range(number(4 if version == 2 else 2)):
        item = number(4 if version == 2 else 2)
        method = number(2) & 15 if version in (1, 2) else 0
        number(2)
        base = number(base_size)
        if method == 1 and items_data is not None:
            base += items_data
        number_of_extents = number(2)
        extents += number_of_extents  # They may have no bytes of their own.
        if extents > MAX_EXTENTS:
            raise Refused(TOO_COMPLEX)
        for _extent in range(number_of_extents):
            number(index_size)
            first = base + number(offset_size)
            ranges.setdefault(item, []).append((first, first + number(length_size)))
    return ranges


def _numbers(table: bytes, position: int, count: int, code: str = "I") -> array[int]:
    """Return numbers of 4 or 8 bytes ("I", "Q") without an object for each. Raises struct.error for too few."""
    numbers = array(code)
    end = position + count * numbers.itemsize
    if end > len(table):
        raise struct.error
    numbers.frombytes(table[position:end])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers

"""The places of the samples of a track in a file (ISO 14496-12, 8.7)."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator

from .refusal import TOO_COMPLEX, Refused

MAX_CHUNKS = 500_000


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

"""Counting of the rows of a PNG (third edition, 10 and 7.2): decoders show black where rows are missing, or nothing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from cms.media.inspection.refusal import DAMAGED, Refused

from .picture_parts import PNG_SIGNATURE

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by the type of colour
PALETTE = 3
# Adam7: the first column and row of each pass, and the steps from one to the next.
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
PORTION = 1 << 20


def refuse_incomplete_png(data: bytes) -> None:
    """Raise Refused for a PNG with fewer rows than its header says, or without the palette that it needs."""
    header, palettes, parts = b"", 0, []
    for kind, payload in _chunks(data):
        if kind == b"IHDR":
            header = payload
        elif kind == b"PLTE":
            palettes += 1
        elif kind == b"IDAT":
            parts.append(payload)
    width, height, depth, colour, _compression, _filter, is_interlaced = struct.unpack_from(">IIBBBBB", header)
    if colour == PALETTE and not palettes:
        raise Refused(DAMAGED)
    expected = sum(
        rows * (1 + (columns * SAMPLES[colour] * depth + 7) // 8)
        for columns, rows in (_sizes(width, height) if is_interlaced else ((width, height),))
        if columns
    )
    if _unpacked_size(parts, expected) < expected:
        raise Refused(DAMAGED)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, position)
        yield kind, data[position + 8 : position + 8 + length]
        position += length + 12


def _sizes(width: int, height: int) -> Iterator[tuple[int, int]]:
    """Yield the columns and rows of each pass of an interlaced image."""
    for column, row, across, down in PASSES:
        yield (width - column + across - 1) // across, (height - row + down - 1) // down


def _unpacked_size(parts: list[bytes], expected: int) -> int:
    """Return the number of unpacked bytes, `expected` at least if there are more."""
    unpacker, size = zlib.decompressobj(), 0
    for part in parts:
        while part and size < expected and not unpacker.eof:
            size += len(unpacker.decompress(part, PORTION))
            part = unpacker.unconsumed_tail
    return size

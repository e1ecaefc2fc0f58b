"""Counting of the parts of a picture before a library reads it.

Pillow takes seven microseconds and an object for each chunk or segment, also when it reads the header only: a file of
20 MB may have millions of empty ones.
"""

from __future__ import annotations

from typing import BinaryIO

from cms.media.inspection.refusal import TOO_COMPLEX, Refused

MAX_PARTS = 20_000
MAX_FRAMES = 2_000
MAX_SCANS = 100  # of a progressive JPEG, each of which may cost as much as the whole picture
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_START, SCAN, END = b"\xff\xd8", 0xDA, 0xD9
WITHOUT_CONTENT = frozenset((0x01, *range(0xD0, 0xD8)))


def refuse_many_parts(stream: BinaryIO) -> None:
    """Raise Refused for a PNG with more chunks, or a JPEG with more segments before its pixels, than are accepted.

    Other files pass: their chunks are read by libraries in C. The stream is at its start afterwards.
    """
    stream.seek(0)
    beginning = stream.read(len(PNG_SIGNATURE))
    if beginning == PNG_SIGNATURE:
        _count_chunks(stream)
    elif beginning.startswith(JPEG_START):
        _count_segments(stream)
    stream.seek(0)


def _count_chunks(stream: BinaryIO) -> None:
    position = len(PNG_SIGNATURE)
    for _count in range(MAX_PARTS):
        stream.seek(position)
        head = stream.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return
        position += int.from_bytes(head[:4], "big") + 12
    raise Refused(TOO_COMPLEX)


def _count_segments(stream: BinaryIO) -> None:
    position = len(JPEG_START)
    for _count in range(MAX_PARTS):
        stream.seek(position)
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (SCAN, END):
            return
        if head[1] in (0x00, 0xFF):  # A byte that fills up, which readers skip.
            position += 1
        elif head[1] in WITHOUT_CONTENT:
            position += 2
        else:
            position += 2 + int.from_bytes(head[2:], "big")
    raise Refused(TOO_COMPLEX)

"""Detection of incomplete scans in a JPEG (ITU T.81): libjpeg shows grey where data are missing, and only warns.

A decoder reads no more of a scan, or of a part between two restart markers, than its blocks need, and skips what
follows to the next marker. Bytes that are added there change the picture if, and only if, it lacks blocks.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator

from PIL import Image, ImageChops

from cms.media.inspection.refusal import DAMAGED, Refused

START, SCAN, END = b"\xff\xd8", 0xDA, 0xD9
FRAMES = frozenset((0xC0, 0xC1, 0xC2))  # baseline, extended and progressive, with Huffman codes
ARITHMETIC_FRAMES = frozenset((0xC9, 0xCA))  # of which zeros at the end of a scan may be left out
RESTART = re.compile(rb"\xff+[\xd0-\xd7]")
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
FILLER = bytes(random.Random(1).choices(range(1, 255), k=96))  # noqa: S311 (any bytes but those of markers)
ROWS = 256  # that are compared at once


def refuse_incomplete_jpeg(image: Image.Image, data: bytes) -> None:
    """Raise Refused if a scan of a JPEG lacks data, or a component has no scan.

    `image` is the decoded picture, and `data` its file, whose segments are complete.
    """
    components: set[int] = set()
    shown: set[int] = set()
    filled = bytearray(START)
    for marker, segment, entropy_coded in _segments(data):
        payload = segment[4:]
        if marker in ARITHMETIC_FRAMES:
            return
        if marker in FRAMES:
            components = set(payload[6 : 6 + 3 * payload[5] : 3])
        elif marker == SCAN:
            count = payload[0]
            if payload[1 + 2 * count] == 0:  # It has the means (DC) of the blocks.
                shown |= set(payload[1 : 1 + 2 * count : 2])
            entropy_coded = _filled(entropy_coded)
        filled += segment + entropy_coded
    filled += bytes((0xFF, END))
    if not components <= shown:
        raise Refused(DAMAGED)
    with Image.open(io.BytesIO(bytes(filled)), formats=("JPEG",)) as other:
        try:
            other.load()
        except OSError as error:
            raise Refused(DAMAGED) from error
        for top in range(0, image.height, ROWS):
            box = (0, top, image.width, min(top + ROWS, image.height))
            # Pixels that differ, in any band.
            if ImageChops.difference(image.crop(box), other.crop(box)).getbbox(alpha_only=False):
                raise Refused(DAMAGED)


def _filled(entropy_coded: bytes) -> bytes:
    """Add bytes to each part of a scan, and a part at its end. Raises Refused if a part in the middle is missing."""
    markers = [found[0][-1] for found in RESTART.finditer(entropy_coded)]
    if any(marker != 0xD0 + number % 8 for number, marker in enumerate(markers)):
        raise Refused(DAMAGED)
    following = bytes((0xFF, 0xD0 + len(markers) % 8))
    return RESTART.sub(lambda found: FILLER + found[0], entropy_coded) + FILLER + following + FILLER


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (marker, segment with its marker and length, entropy-coded data that follow) up to the end marker."""
    position = len(START)
    while True:
        while data[position + 1] == 0xFF:
            position += 1
        marker = data[position + 1]
        if marker == END:
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            yield marker, data[position : position + 2], b""
            position += 2
            continue
        start, position = position, position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        end = position
        if marker == SCAN:
            found = MARKER.search(data, position)
            end = found.start() if found else len(data)
        yield marker, data[start:position], data[position:end]
        position = end

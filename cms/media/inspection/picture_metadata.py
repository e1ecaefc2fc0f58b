"""Removal of metadata from JPEG, PNG, WebP, GIF and AVIF files without decoding them.

Kept are the pixels, the colour profile (ICC) and the orientation (EXIF tag 274). Removed are positions, devices,
authors, comments, dates, XMP, IPTC, thumbnails, and bytes after the end of the image. Formats: ITU T.81 with JFIF and
EXIF 2.32, PNG (third edition), RIFF WebP, GIF89a, and HEIF (ISO 23008-12) with ISOBMFF.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator

from . import isobmff
from .limits.picture_parts import MAX_FRAMES, MAX_SCANS, PNG_SIGNATURE
from .refusal import DAMAGED, OTHER_KIND, TOO_COMPLEX, Refused

ORIENTATION_TAG = 0x0112
TIFF_LONG = 4
# The first marker after the entropy-coded data of a JPEG (ITU T.81, B.1.1.2).
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")

HEAD_BYTES = 32  # of a file, which tell the kind of a picture
AVIF_BRANDS = re.compile(b"avi[fs]")
# Chunks that change how the image looks.
PNG_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)
WEBP_CHUNKS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_EXIF, WEBP_XMP = 0x08, 0x04
GIF_APPLICATIONS = frozenset((b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"))


def without_metadata(kind: str, data: bytes) -> bytes:
    """Return the file without metadata. `kind` is jpeg, png, webp, gif or avif. Raises Refused."""
    try:
        return {"jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif, "avif": _avif}[kind](data)
    except (struct.error, IndexError) as error:
        raise Refused(DAMAGED) from error


def picture_kind(data: bytes) -> str:
    """Return the kind of a picture that `without_metadata` takes, by its first bytes; "" for other files."""
    for kind, start, signature in (
        ("jpeg", 0, b"\xff\xd8\xff"),
        ("png", 0, PNG_SIGNATURE),
        ("gif", 0, b"GIF8"),
        ("webp", 8, b"WEBP"),
    ):
        if data.startswith(signature, start):
            return kind
    # The brands of the file: its own, a version, and the compatible ones.
    return "avif" if data[4:8] == b"ftyp" and AVIF_BRANDS.search(data[8:HEAD_BYTES]) else ""


def orientation_of(exif: bytes) -> int:
    """Return the orientation in EXIF data, 1 to 8; 1 if there is none or the data cannot be read.

    Only the first directory is read: thousands of entries may name the same megabytes.
    """
    data = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return 1
    try:
        (offset,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, offset)
        for position in range(offset + 2, offset + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", data, position)
            if tag == ORIENTATION_TAG:
                (value,) = struct.unpack_from(f"{order}{'I' if kind == TIFF_LONG else 'H'}", data, position + 8)
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def exif_with(orientation: int) -> bytes:
    """Return EXIF data (TIFF, big-endian) with the orientation only."""
    return b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, ORIENTATION_TAG, 3, 1, orientation, 0, 0)


def _jpeg(data: bytes) -> bytes:
    if data[:2] != b"\xff\xd8":
        raise Refused(OTHER_KIND)
    jfif, kept, orientation, position, scans = b"", bytearray(), 1, 2, 0
    while True:
        if data[position] != 0xFF:
            raise Refused(DAMAGED)
        while data[position] == 0xFF:
            position += 1
        marker = data[position]
        position += 1
        if marker == 0xD9:
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            kept += bytes((0xFF, marker))
            continue
        (length,) = struct.unpack_from(">H", data, position)
        payload = data[position + 2 : position + length]
        if len(payload) != length - 2:
            raise Refused(DAMAGED)
        position += length
        if marker == 0xE1 and payload.startswith(b"Exif\x00"):
            orientation = orientation_of(payload)
        elif marker == 0xE0 and payload.startswith(b"JFIF\x00"):
            jfif = b"\xff\xe0" + struct.pack(">H", 16) + payload[:12] + b"\x00\x00"  # without its thumbnail
        elif _is_needed_segment(marker, payload):
            kept += bytes((0xFF, marker)) + struct.pack(">H", length) + payload
        if marker == 0xDA:
            scans += 1
            if scans > MAX_SCANS:
                raise Refused(TOO_COMPLEX)
            end = _end_of_scan(data, position)
            kept += data[position:end]
            position = end
    exif = b""
    if orientation != 1:
        payload = b"Exif\x00\x00" + exif_with(orientation)
        exif = b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
    return b"\xff\xd8" + jfif + exif + bytes(kept) + b"\xff\xd9"


def _is_needed_segment(marker: int, payload: bytes) -> bool:
    """Return True for a segment of the image itself, its colour profile or its colour transform (Adobe)."""
    if marker == 0xE2:
        return payload.startswith(b"ICC_PROFILE\x00")
    if marker == 0xEE:
        return payload.startswith(b"Adobe")
    return marker != 0xFE and not 0xE0 <= marker <= 0xEF


def _end_of_scan(data: bytes, position: int) -> int:
    """Return the position of the first marker after entropy-coded data. Raises Refused if there is none."""
    marker = MARKER.search(data, position)
    if marker is None:
        raise Refused(DAMAGED)
    return marker.start()


def _png(data: bytes) -> bytes:
    if not data.startswith(PNG_SIGNATURE):
        raise Refused(OTHER_KIND)
    kept, orientation, position, kind = bytearray(PNG_SIGNATURE), 1, len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, position)
        chunk = data[position : position + length + 12]
        if len(chunk) != length + 12:
            raise Refused(DAMAGED)
        position += length + 12
        if kind == b"eXIf":
            orientation = orientation_of(chunk[8:-4])
        elif kind in PNG_CHUNKS:
            if kind == b"IDAT" and orientation != 1:
                kept += _png_chunk(b"eXIf", exif_with(orientation))
                orientation = 1
            kept += chunk
    return bytes(kept)


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def _webp(data: bytes) -> bytes:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise Refused(OTHER_KIND)
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data) + size % 2:
        raise Refused(DAMAGED)
    chunks, orientation = [], 1
    for kind, payload in _riff_chunks(data, 12, size + 8):
        if kind == b"EXIF":
            orientation = orientation_of(payload)
        elif kind in WEBP_CHUNKS:
            chunks.append((kind, payload))
    if orientation != 1 and chunks and chunks[0][0] == b"VP8X":
        chunks.append((b"EXIF", exif_with(orientation)))
    body = bytearray(b"WEBP")
    for kind, payload in chunks:
        if kind == b"VP8X":
            flags = payload[0] & ~(WEBP_EXIF | WEBP_XMP) | (WEBP_EXIF if chunks[-1][0] == b"EXIF" else 0)
            payload = bytes((flags,)) + payload[1:]
        body += kind + struct.pack("<I", len(payload)) + payload + b"\x00" * (len(payload) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + bytes(body)


def _riff_chunks(data: bytes, position: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while position + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, position)
        payload = data[position + 8 : position + 8 + length]
        if len(payload) != length:
            raise Refused(DAMAGED)
        yield kind, payload
        position += 8 + length + length % 2


def _gif(data: bytes) -> bytes:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        raise Refused(OTHER_KIND)
    position = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    kept, frames = bytearray(data[:position]), 0
    while data[position] != 0x3B:
        start = position
        is_needed = True
        if data[position] == 0x21:
            label, position = data[position + 1], position + 2
            application = data[position + 1 : position + 12]
            is_needed = label == 0xF9 or (label == 0xFF and application in GIF_APPLICATIONS)
        elif data[position] == 0x2C:
            frames += 1
            if frames > MAX_FRAMES:
                raise Refused(TOO_COMPLEX)
            flags, position = data[position + 9], position + 10
            position += (3 << (flags & 7) + 1 if flags & 0x80 else 0) + 1
        else:
            raise Refused(DAMAGED)
        while (length := data[position]) != 0:
            position += length + 1
        position += 1
        if is_needed:
            kept += data[start:position]
    return bytes(kept) + b"\x3b"


def _avif(data: bytes) -> bytes:
    """Return an AVIF file whose EXIF and XMP items are empty. Its orientation is in other boxes (`irot`, `imir`)."""
    stream = io.BytesIO(data)
    isobmff.blank_metadata_items(stream)
    isobmff.blank_boxes(stream, (b"udta", b"uuid", *isobmff.UNUSED))
    return stream.getvalue()

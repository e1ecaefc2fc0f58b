"""Reading of WebM files (Matroska, RFC 9559), and removal of their metadata in place.

An element that is removed becomes a `Void` element of the same size (RFC 8794, 11.3.2), so that no position changes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from .refusal import DAMAGED, NO_PICTURE, OTHER_KIND, TOO_COMPLEX, UNPLAYABLE, Refused

EBML, DOC_TYPE, SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
INFO, TRACKS, CLUSTER, TAGS, ATTACHMENTS = 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1254C367, 0x1941A469
TRACK_ENTRY, TRACK_TYPE, CODEC_ID = 0xAE, 0x83, 0x86
TIMESTAMP_SCALE, DURATION, MUXING_APP, WRITING_APP, TRACK_NAME = 0x2AD7B1, 0x4489, 0x4D80, 0x5741, 0x536E
TIMESTAMP, VOID, CUES, CHAPTERS, SEEK_HEAD = 0xE7, 0xEC, 0x1C53BB6B, 0x1043A770, 0x114D9B74
CODEC_NAME = 0x258688
# The elements that a player needs. Others name the author, other files or programs; `Void` may hold parts of them.
NEEDED_IN_SEGMENT = frozenset((INFO, TRACKS, CLUSTER, CUES, CHAPTERS, SEEK_HEAD))
NEEDED_IN_INFO = frozenset((TIMESTAMP_SCALE, DURATION, MUXING_APP, WRITING_APP))
REMOVED_IN_TRACK = frozenset((TRACK_NAME, CODEC_NAME, VOID))
# Elements that only a segment contains; one of them ends a cluster of unknown size.
TOP_LEVEL = frozenset((INFO, TRACKS, CLUSTER, TAGS, ATTACHMENTS, CUES, CHAPTERS, SEEK_HEAD))
VIDEO_TRACK = 1
SHOWN_TRACKS = frozenset((VIDEO_TRACK, 2, 17))  # pictures, sound, subtitles
TRACK_NUMBER, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, CRC = 0xD7, 0xA3, 0xA0, 0xA1, 0xBF
# Elements with elements inside. A player needs all of these but `Void` and checksums, which a change makes wrong.
MASTERS = frozenset((
    EBML, TRACKS, TRACK_ENTRY, CUES, CHAPTERS, SEEK_HEAD, CLUSTER, BLOCK_GROUP, 0x4DBB, 0xBB, 0xB7, 0xDB, 0xE0, 0xE1,
    0x55B0, 0x55D0, 0x7670, 0x45B9, 0xB6, 0x80, 0x6D80, 0x6240, 0x5034, 0x75A1, 0xA6,
))  # fmt: skip
# The elements that a player needs in those that hold the samples: times, positions, blocks and what belongs to them.
NEEDED_IN = {
    CLUSTER: frozenset((TIMESTAMP, 0xA7, 0xAB, SIMPLE_BLOCK, BLOCK_GROUP)),
    BLOCK_GROUP: frozenset((BLOCK, 0x9B, 0xFB, 0xFA, 0x75A1, 0x75A2, 0xA4)),
    0x75A1: frozenset((0xA6,)),
    0xA6: frozenset((0xEE, 0xA5)),
}
PLAYABLE = frozenset((b"V_VP8", b"V_VP9", b"V_AV1"))
MAX_ELEMENTS = 200_000  # of one level
MAX_READINGS = 2_000_000  # of elements at all levels: a film of three hours has a million
MAX_DEPTH = 20


@dataclass
class Element:
    """An element: its id, where it starts, where its content starts, and where it ends (None: unknown)."""

    id: int
    start: int
    content: int
    end: int | None


class Source:
    """A file that counts the elements that are read from it, at all levels and as often as they are read."""

    def __init__(self, stream: BinaryIO) -> None:
        self.seek, self.read, self.write, self.truncate = stream.seek, stream.read, stream.write, stream.truncate
        self._readings = 0

    def count_element(self) -> None:
        """Raise Refused for more elements than are accepted."""
        self._readings += 1
        if self._readings > MAX_READINGS:
            raise Refused(TOO_COMPLEX)


def inspect_webm(file: BinaryIO) -> dict[str, object]:
    """Return the duration (seconds; None if the file has none), the codecs and `changed` of a video.

    Its metadata is removed in place. Raises Refused.
    """
    stream = Source(file)
    end = stream.seek(0, 2)
    stream.seek(0)
    if stream.read(4) != EBML.to_bytes(4, "big"):
        raise Refused(OTHER_KIND)
    try:
        header = _element(stream, 0, end)
        if header.end is None:
            raise Refused(DAMAGED)
        is_changed = _clean(stream, header, header.end, frozenset())
        kinds = [_content(stream, inner) for inner in _elements(stream, header.content, header.end)
                 if inner.id == DOC_TYPE]  # fmt: skip
        if kinds[:1] not in ([b"webm"], [b"matroska"]):
            raise Refused(OTHER_KIND)
        segment = _element(stream, header.end, end)
        if segment.id != SEGMENT:
            raise Refused(DAMAGED)
        segment_end = end if segment.end is None else segment.end
        found = _inspect_segment(stream, segment.content, segment_end)
        found["changed"] |= is_changed
        if segment_end < end:  # No player reads what follows.
            stream.truncate(segment_end)
            found["changed"] = True
        return found
    except (struct.error, IndexError) as error:
        raise Refused(DAMAGED) from error


def _inspect_segment(stream: Source, start: int, end: int) -> dict[str, Any]:
    is_changed = False
    seconds: float | None = None
    scale = 1_000_000
    codecs: list[tuple[int, bytes]] = []
    last_cluster: Element | None = None
    hidden = _hidden_tracks(stream, start, end)
    for element in _elements(stream, start, end):
        inner_end = end if element.end is None else element.end
        if element.id not in NEEDED_IN_SEGMENT:
            is_changed |= _void(stream, element)
        elif element.id == INFO:
            for inner in _elements(stream, element.content, inner_end):
                if inner.id == TIMESTAMP_SCALE:
                    scale = int.from_bytes(_content(stream, inner), "big")
                elif inner.id == DURATION:
                    seconds = _float(_content(stream, inner))
                elif inner.id not in NEEDED_IN_INFO:
                    is_changed |= _void(stream, inner)
                else:  # The names of programs, which the format requires.
                    is_changed |= _blank_text(stream, inner)
        elif element.id == TRACKS:
            for entry in _elements(stream, element.content, inner_end):
                if entry.id == TRACK_ENTRY:
                    is_changed |= _read_track(stream, entry, codecs)
        elif element.id == CLUSTER:
            last_cluster = element
        if element.id in MASTERS:
            is_changed |= _clean(stream, element, _end_of(stream, element, end), hidden)
    pictures = [codec for kind, codec in codecs if kind == VIDEO_TRACK]
    if not pictures:
        raise Refused(NO_PICTURE if codecs else DAMAGED)
    for codec in pictures:
        if codec not in PLAYABLE:
            raise Refused(UNPLAYABLE, codec.decode("ascii", "replace").removeprefix("V_"))
    if last_cluster is None:
        raise Refused(DAMAGED)
    duration = _last_time(stream, last_cluster, end) if seconds is None else seconds
    return {
        "seconds": round(duration * scale / 1e9, 3),
        "codecs": sorted({codec.decode("ascii", "replace") for _kind, codec in codecs}),
        "changed": is_changed,
    }


def _read_track(stream: Source, entry: Element, codecs: list[tuple[int, bytes]]) -> bool:
    """Append the type and the codec of a track; remove its names. Return True if there were any."""
    is_changed, kind, codec = False, 0, b""
    for inner in _elements(stream, entry.content, entry.end or entry.content):
        if inner.id == TRACK_TYPE:
            kind = int.from_bytes(_content(stream, inner), "big")
        elif inner.id == CODEC_ID:
            codec = _content(stream, inner)[:100].rstrip(b"\x00")
        elif inner.id in REMOVED_IN_TRACK:
            is_changed |= _void(stream, inner)
    codecs.append((kind, codec))
    return is_changed


def _hidden_tracks(stream: Source, start: int, end: int) -> frozenset[int]:
    """Return the numbers of the tracks that no player shows: a camera records positions in them."""
    numbers = set()
    for tracks in (each for each in _elements(stream, start, end) if each.id == TRACKS and each.end is not None):
        for entry in (each for each in _elements(stream, tracks.content, tracks.end or end) if each.id == TRACK_ENTRY):
            inside = _elements(stream, entry.content, entry.end or entry.content)
            known = [each for each in inside if each.id in (TRACK_NUMBER, TRACK_TYPE)]
            values = {each.id: int.from_bytes(_content(stream, each), "big") for each in known}
            if values.get(TRACK_TYPE, VIDEO_TRACK) not in SHOWN_TRACKS:
                numbers.add(values.get(TRACK_NUMBER, 0))
    return frozenset(numbers)


def _clean(stream: Source, master: Element, end: int, hidden: frozenset[int], depth: int = 1) -> bool:
    """Remove what no player needs inside an element, and the samples of hidden tracks; return True if there was any."""
    if depth > MAX_DEPTH:
        raise Refused(TOO_COMPLEX)
    is_changed = False
    needed = NEEDED_IN.get(master.id)
    for inner in list(_elements(stream, master.content, end)):
        if (
            inner.id in (VOID, CRC)
            or (needed is not None and inner.id not in needed)
            or (hidden and inner.id in (SIMPLE_BLOCK, BLOCK_GROUP) and _track_of_block(stream, inner) in hidden)
        ):
            is_changed |= _void(stream, inner)
        elif inner.id in MASTERS:
            is_changed |= _clean(stream, inner, _end_of(stream, inner, end), hidden, depth + 1)
    return is_changed


def _track_of_block(stream: Source, element: Element) -> int:
    """Return the number of the track of a block or of a group, which begins with a number of variable length."""
    head = _head_of_block(stream, element)
    length = 9 - head[0].bit_length()
    return int.from_bytes(head[:length], "big") & (1 << 7 * length) - 1


def _head_of_block(stream: Source, element: Element) -> bytes:
    """Return the first bytes of a block or of the block of a group."""
    if element.id == BLOCK_GROUP:
        blocks = _elements(stream, element.content, element.end or element.content)
        element = next((each for each in blocks if each.id == BLOCK), element)
    return _content(stream, element)[:12]


def _last_time(stream: Source, cluster: Element, end: int) -> int:
    """Return the time of the last block of a cluster, which a recording without duration ends with.

    The time of a block follows the number of its track, and counts from the time of the cluster.
    """
    start, last = 0, 0
    for inner in _elements(stream, cluster.content, _end_of(stream, cluster, end)):
        if inner.id == TIMESTAMP:
            start = int.from_bytes(_content(stream, inner), "big")
        elif inner.id in (SIMPLE_BLOCK, BLOCK_GROUP):
            head = _head_of_block(stream, inner)
            last = max(last, *struct.unpack_from(">h", head, 9 - head[0].bit_length()))
    return start + last


def _end_of(stream: Source, element: Element, end: int) -> int:
    return _end_of_cluster(stream, element, end) if element.end is None else element.end


def _elements(stream: Source, start: int, end: int) -> Iterator[Element]:
    for _count in range(MAX_ELEMENTS):
        if start >= end:
            return
        element = _element(stream, start, end)
        yield element
        start = _end_of(stream, element, end)
    raise Refused(TOO_COMPLEX)


def _end_of_cluster(stream: Source, cluster: Element, end: int) -> int:
    """Return where an element of unknown size ends: at the next element of the segment."""
    if cluster.id != CLUSTER:
        raise Refused(DAMAGED)
    start = cluster.content
    while start < end:
        inner = _element(stream, start, end)
        if inner.id in TOP_LEVEL or inner.end is None:
            return start
        start = inner.end
    return end


def _element(stream: Source, start: int, end: int) -> Element:
    stream.count_element()
    stream.seek(start)
    head = stream.read(12)
    id_length = 9 - head[0].bit_length()
    if id_length > 4:
        raise Refused(DAMAGED)
    size_length = 9 - head[id_length].bit_length()
    if size_length > 8:
        raise Refused(DAMAGED)
    digits = int.from_bytes(head[id_length : id_length + size_length], "big")
    size = digits & (1 << 7 * size_length) - 1
    content = start + id_length + size_length
    is_unknown = size == (1 << 7 * size_length) - 1
    if not is_unknown and content + size > end:
        raise Refused(DAMAGED)
    return Element(int.from_bytes(head[:id_length], "big"), start, content, None if is_unknown else content + size)


def _content(stream: Source, element: Element) -> bytes:
    stream.seek(element.content)
    return stream.read(min((element.end or element.content) - element.content, 1 << 16))


def _float(data: bytes) -> float:
    value: float = struct.unpack(">d" if len(data) == 8 else ">f", data)[0]
    return value


def _void(stream: Source, element: Element) -> bool:
    """Turn an element into a `Void` element of zeros that takes the same bytes; return True if it was none."""
    if element.end is None:
        raise Refused(DAMAGED)
    total = element.end - element.start
    size_length = next((length for length in range(1, 9) if total - 1 - length < (1 << 7 * length) - 1), 8)
    if total < 2:
        raise Refused(DAMAGED)
    size = total - 1 - size_length
    head = bytes((VOID,)) + ((1 << 7 * size_length) | size).to_bytes(size_length, "big")
    is_changed = False
    for start, length in ((element.start, len(head)), *_parts(element.start + len(head), element.end)):
        wanted = head if start == element.start else bytes(length)
        stream.seek(start)
        if stream.read(length) != wanted:
            stream.seek(start)
            stream.write(wanted)
            is_changed = True
    return is_changed


def _parts(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (position, length) of the parts of a range, each of 1 MB at most."""
    yield from ((each, min(1 << 20, end - each)) for each in range(start, end, 1 << 20))


def _blank_text(stream: Source, element: Element) -> bool:
    """Replace a text by spaces; return True if it had other characters."""
    text = _content(stream, element)
    if not text.strip(b" "):
        return False
    stream.seek(element.content)
    stream.write(b" " * len(text))
    return True

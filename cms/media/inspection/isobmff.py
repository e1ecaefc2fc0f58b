"""Reading of ISO base media files (ISO 14496-12: MP4, AVIF), and removal of their metadata in place.

Removed boxes become `free` boxes of the same size filled with zeros, so that no offset changes and a file of any size
is never copied.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from .fragments import default_durations, default_sizes, duration_of, require_inside, sample_ranges, start_of, track_of
from .limits.byte_ranges import merged
from .refusal import DAMAGED, NO_PICTURE, OTHER_KIND, TOO_COMPLEX, UNPLAYABLE, Refused
from .sample_tables import MAX_CHUNKS, chunk_ranges, item_ranges

CONTAINERS = frozenset(b"moov trak mdia minf stbl edts dinf mvex moof traf mfra".split())
METADATA = frozenset((b"udta", b"meta", b"uuid", b"cprt", b"XMP_"))
# The boxes that a player needs, by their parent (b"": the file). Cameras write positions and thumbnails into others,
# and into unused space (`free`).
NEEDED = {
    b"": frozenset((b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"pdin")),
    b"moov": frozenset((b"mvhd", b"trak", b"mvex", b"iods")),
    b"trak": frozenset((b"tkhd", b"edts", b"mdia", b"tref", b"trgr")),
    b"mdia": frozenset((b"mdhd", b"hdlr", b"minf", b"elng")),
    b"minf": frozenset(b"vmhd smhd hmhd sthd nmhd gmhd hdlr dinf stbl".split()),
    b"stbl": frozenset(
        b"stsd stts ctts cslg stsc stsz stz2 stco co64 stss stsh stps stdp padb sdtp sbgp sgpd subs saiz saio".split()
    ),
    b"edts": frozenset((b"elst",)),
    b"dinf": frozenset((b"dref",)),
    b"mvex": frozenset((b"mehd", b"trex", b"leva", b"trep")),
    b"moof": frozenset((b"mfhd", b"traf")),
    b"traf": frozenset(b"tfhd tfdt trun sbgp sgpd subs sdtp saiz saio senc".split()),
    b"mfra": frozenset((b"tfra", b"mfro")),
}
# Where the name of the encoder, and often of the device, is in the sample entry of pictures.
COMPRESSOR_NAME = slice(50, 82)
UNUSED = frozenset((b"free", b"skip", b"wide"))
# Sample entries that browsers play (https://www.w3.org/TR/webcodecs-codec-registry/).
PLAYABLE = frozenset((b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp08", b"vp09"))
# Profiles of H.264 with 10 bits or finer colours, which browsers do not play.
UNPLAYABLE_PROFILES = {44: "CAVLC 4:4:4", 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4"}
# Tracks that a player shows. Others hold, for example, the positions that a camera recorded each second.
SHOWN_HANDLERS = frozenset((b"vide", b"soun", b"subt", b"text", b"sbtl", b"clcp"))
# A film of ten hours in fragments of one second has 300,000 boxes, and 2,000,000 samples of pictures.
MAX_BOXES = 400_000  # of the whole file
MAX_ITEMS = 2_000  # of an image file; readers look each of them up in a list
MAX_DEPTH = 20
MAX_TABLE = 16 << 20  # bytes of a box that is read as a whole
CHUNK = 1 << 20


@dataclass
class Box:
    """A box: its type, where it starts, where its content starts, and where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


@dataclass
class Track:
    """A track of a movie: its id, its handler, the codec of its samples and the profile of H.264, its duration in
    seconds and the units of a second, its byte ranges.
    """

    box: Box
    number: int = 0
    handler: bytes = b""
    codec: bytes = b""
    profile: int = 0
    seconds: float = 0.0
    scale: int = 0
    ranges: list[tuple[int, int]] = field(default_factory=list)


def boxes(stream: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two positions. Raises Refused if one ends after `end`."""
    count = 0
    while start + 8 <= end:
        stream.seek(start)
        size, kind = struct.unpack(">I4s", stream.read(8))
        content = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", stream.read(8))
            content += 8
        elif size == 0:
            size = end - start
        if size < content - start or start + size > end:
            raise Refused(DAMAGED)
        yield Box(kind, start, content, start + size)
        start += size
        count += 1
        if count > MAX_BOXES:
            raise Refused(TOO_COMPLEX)
    if start != end and start + 8 > end and any(_read(stream, start, end)):
        raise Refused(DAMAGED)


def blank_boxes(stream: BinaryIO, kinds: Container[bytes]) -> bool:
    """Replace the boxes of these types by `free` boxes, at the top and in movies and tracks; return True if any was."""
    is_changed = False
    for _parent, box in _all_boxes(stream):
        if box.kind in kinds:
            is_changed |= _blank(stream, box)
    return is_changed


def blank_metadata(stream: BinaryIO) -> bool:
    """Replace the boxes of a movie that no player needs by `free` boxes of zeros; return True if any had content."""
    is_changed = False
    for parent, box in _all_boxes(stream):
        if box.kind in METADATA or box.kind in UNUSED or (parent in NEEDED and box.kind not in NEEDED[parent]):
            is_changed |= _blank(stream, box)
    return is_changed


def inspect_mp4(stream: BinaryIO) -> dict[str, object]:
    """Return the duration (seconds), the codecs and `changed` of a video, after its metadata is removed in place.

    Raises Refused for a file that is no MP4, is incomplete, has no track of pictures, or has a codec that no browser
    plays.
    """
    end = _size(stream)
    if _read(stream, 4, 8) not in (b"ftyp", b"moov", b"free", b"wide", b"mdat", b"skip"):
        raise Refused(OTHER_KIND)
    top = list(boxes(stream, 0, end))
    kinds = [box.kind for box in top]
    if b"moov" not in kinds or b"mdat" not in kinds:
        raise Refused(DAMAGED)
    try:
        movie = next(box for box in top if box.kind == b"moov")
        deque(_all_boxes(stream), maxlen=0)  # Raises Refused for too many.
        tracks = [_track(stream, box) for box in boxes(stream, movie.content, movie.end) if box.kind == b"trak"]
        is_fragmented = b"moof" in kinds
        _validate(tracks, end, is_fragmented)
        is_changed = False
        hidden = [track for track in tracks if track.handler not in SHOWN_HANDLERS]
        if hidden and is_fragmented:
            _blank_fragments(stream, movie, {track.number for track in hidden})
        for first, last in merged(each for track in hidden for each in track.ranges):
            _zero(stream, first, last)
        for track in hidden:
            _blank(stream, track.box)
            is_changed = True
        is_changed |= blank_metadata(stream)
        is_changed |= _clear_times_and_names(stream)
        seconds = _fragment_seconds(stream, movie, tracks) if is_fragmented else 0.0
        seconds = seconds or max(_movie_seconds(stream, movie), *(track.seconds for track in tracks))
    except (struct.error, StopIteration, ZeroDivisionError, IndexError) as error:
        raise Refused(DAMAGED) from error
    return {
        "seconds": round(seconds, 3),
        "codecs": sorted({track.codec.decode("latin-1") for track in tracks if track.handler in (b"vide", b"soun")}),
        "changed": is_changed,
    }


def blank_metadata_items(stream: BinaryIO) -> None:
    """Overwrite the EXIF and XMP items of an image file with zeros, and give them a type that readers skip."""
    end = _size(stream)
    try:
        meta = next((box for box in boxes(stream, 0, end) if box.kind == b"meta"), None)
        if meta is None:
            raise Refused(DAMAGED)
        parts = {box.kind: box for box in boxes(stream, meta.content + 4, meta.end)}
        if b"iinf" not in parts or b"iloc" not in parts:
            raise Refused(DAMAGED)
        iloc, idat = parts[b"iloc"], parts.get(b"idat")
        locations = item_ranges(_read(stream, iloc.content, iloc.end), idat.content if idat else None)
        removed = []
        version = _read(stream, parts[b"iinf"].content, parts[b"iinf"].content + 1)[0]
        first_entry = parts[b"iinf"].content + (6 if version == 0 else 8)
        for number, entry in enumerate(boxes(stream, first_entry, parts[b"iinf"].end)):
            if number >= MAX_ITEMS:
                raise Refused(TOO_COMPLEX)
            data = _table(stream, entry)
            width = 4 if data[0] >= 3 else 2
            (item,) = struct.unpack_from(">I" if width == 4 else ">H", data, 4)
            type_position = 4 + width + 2
            if data[type_position : type_position + 4] not in (b"Exif", b"mime"):
                continue
            removed += locations.pop(item, [])
            stream.seek(entry.content + type_position)
            stream.write(b"skip")
        require_inside(removed, stream)
        for first, last in merged(removed):
            _zero(stream, first, last)
    except struct.error as error:
        raise Refused(DAMAGED) from error


def _validate(tracks: list[Track], end: int, is_fragmented: bool) -> None:
    pictures = [track for track in tracks if track.handler == b"vide"]
    if not pictures:
        raise Refused(NO_PICTURE)
    for track in pictures:
        if track.codec not in PLAYABLE:
            raise Refused(UNPLAYABLE, track.codec.decode("ascii", "replace").strip())
        if track.profile in UNPLAYABLE_PROFILES:
            raise Refused(UNPLAYABLE, f"H.264 {UNPLAYABLE_PROFILES[track.profile]}")
    for track in tracks:
        if any(last > end for _first, last in track.ranges):
            raise Refused(DAMAGED)
    if sum(len(track.ranges) for track in tracks) > MAX_CHUNKS:
        raise Refused(TOO_COMPLEX)
    if not is_fragmented and not any(track.ranges for track in pictures):
        raise Refused(DAMAGED)


def _track(stream: BinaryIO, box: Box) -> Track:
    track = Track(box)
    tables: dict[bytes, bytes] = {}
    for _parent, inner in _descendants(stream, box):
        if inner.kind == b"tkhd":
            is_long = _read(stream, inner.content, inner.content + 1) == b"\x01"
            position = inner.content + (20 if is_long else 12)
            (track.number,) = struct.unpack(">I", _read(stream, position, position + 4))
        elif inner.kind == b"hdlr" and not track.handler:
            track.handler = _read(stream, inner.content + 8, inner.content + 12)
        elif inner.kind == b"mdhd":
            header = _table(stream, inner)
            (track.scale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
            track.seconds = _seconds(header)
        elif inner.kind in (b"stsd", b"stsz", b"stz2", b"stco", b"co64", b"stsc"):
            tables[inner.kind] = _table(stream, inner)
    if len(tables.get(b"stsd", b"")) >= 16:
        track.codec = tables[b"stsd"][12:16]
        position = tables[b"stsd"].find(b"avcC")
        track.profile = tables[b"stsd"][position + 5] if position >= 0 else 0
    track.ranges = list(chunk_ranges(tables))
    return track


def _blank_fragments(stream: BinaryIO, movie: Box, hidden: set[int]) -> None:
    """Overwrite the samples and the fragments of hidden tracks, which are known by their ids."""
    sizes = default_sizes(_extends(stream, movie))
    removed: list[tuple[int, int]] = []
    for moof, traf, contents in _fragments(stream):
        number = track_of(contents[b"tfhd"][0])
        if number in hidden:
            removed += sample_ranges(contents[b"tfhd"][0], contents[b"trun"], moof.start, sizes.get(number, 0))
            _blank(stream, traf)
    require_inside(removed, stream)
    for first, last in merged(removed):
        _zero(stream, first, last)


def _fragment_seconds(stream: BinaryIO, movie: Box, tracks: list[Track]) -> float:
    """Return the duration of the longest shown track with its fragments: the headers of a movie seldom know them."""
    durations = default_durations(_extends(stream, movie))
    shown = {track.number: track for track in tracks if track.handler in SHOWN_HANDLERS and track.scale}
    # A movie may hold the first samples itself. A live stream begins at any time.
    firsts = {number: 0 for number, track in shown.items() if track.ranges}
    ends = {number: round(track.seconds * track.scale) for number, track in shown.items() if track.ranges}
    for _moof, _traf, contents in _fragments(stream):
        number = track_of(contents[b"tfhd"][0])
        start = start_of(contents[b"tfdt"][0]) if contents[b"tfdt"] else ends.get(number, 0)
        end = start + duration_of(contents[b"tfhd"][0], contents[b"trun"], durations.get(number, 0))
        firsts[number], ends[number] = min(firsts.get(number, start), start), max(ends.get(number, end), end)
    seconds = [(ends[number] - firsts[number]) / track.scale for number, track in shown.items() if number in ends]
    return max(seconds, default=0.0)


def _extends(stream: BinaryIO, movie: Box) -> list[bytes]:
    return [_table(stream, box) for _parent, box in _descendants(stream, movie) if box.kind == b"trex"]


def _fragments(stream: BinaryIO) -> Iterator[tuple[Box, Box, dict[bytes, list[bytes]]]]:
    """Yield each movie fragment, track fragment in it, and the contents of its boxes about samples by type."""
    for moof in [box for box in boxes(stream, 0, _size(stream)) if box.kind == b"moof"]:
        for traf in [box for box in boxes(stream, moof.content, moof.end) if box.kind == b"traf"]:
            contents: dict[bytes, list[bytes]] = {b"tfhd": [], b"tfdt": [], b"trun": []}
            for box in boxes(stream, traf.content, traf.end):
                if box.kind in contents:
                    contents[box.kind].append(_table(stream, box))
            yield moof, traf, contents


def _movie_seconds(stream: BinaryIO, movie: Box) -> float:
    header = next(box for box in boxes(stream, movie.content, movie.end) if box.kind == b"mvhd")
    return _seconds(_table(stream, header))


def _seconds(header: bytes) -> float:
    """Return the duration in a movie header or a media header."""
    scale, duration = struct.unpack_from(">IQ", header, 20) if header[0] == 1 else struct.unpack_from(">II", header, 12)
    is_unknown = duration in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return 0.0 if is_unknown else float(duration / scale)


def _clear_times_and_names(stream: BinaryIO) -> bool:
    """Set the dates of recording to 0 and the names of handlers, which name the device, to zeros."""
    is_changed = False
    for _parent, box in _all_boxes(stream):
        if box.kind in (b"mvhd", b"tkhd", b"mdhd"):
            is_long = _read(stream, box.content, box.content + 1) == b"\x01"
            is_changed |= _zero(stream, box.content + 4, box.content + (20 if is_long else 12))
        elif box.kind == b"hdlr" and box.content + 24 < box.end:
            is_changed |= _zero(stream, box.content + 12, box.content + 16)
            is_changed |= _zero(stream, box.content + 24, box.end)
        elif box.kind == b"stsd":
            entry = box.content + 8
            first, last = entry + COMPRESSOR_NAME.start, entry + COMPRESSOR_NAME.stop
            if _read(stream, entry + 4, entry + 8) in PLAYABLE and last <= box.end:
                is_changed |= _zero(stream, first, last)
    return is_changed


def _all_boxes(stream: BinaryIO) -> Iterator[tuple[bytes, Box]]:
    """Yield (type of the parent, box) for each box of known structure; b"" for the boxes of the file.

    Raises Refused for more boxes than are accepted, at all levels together.
    """
    count = 0
    for box in boxes(stream, 0, _size(stream)):
        yield b"", box
        for each in _descendants(stream, box):
            yield each
            count += 1
            if count > MAX_BOXES:
                raise Refused(TOO_COMPLEX)


def _descendants(stream: BinaryIO, box: Box, depth: int = 1) -> Iterator[tuple[bytes, Box]]:
    """Yield (type of the parent, box) for each box inside a box of known structure. Raises Refused for a deep one."""
    if depth > MAX_DEPTH:
        raise Refused(TOO_COMPLEX)
    if box.kind in CONTAINERS:
        for inner in boxes(stream, box.content, box.end):
            yield box.kind, inner
            yield from _descendants(stream, inner, depth + 1)


def _blank(stream: BinaryIO, box: Box) -> bool:
    """Turn a box into a `free` box of zeros; return True if it was none."""
    if box.kind not in UNUSED:
        stream.seek(box.start + 4)
        stream.write(b"free")
    return _zero(stream, box.content, box.end) or box.kind not in UNUSED


def _zero(stream: BinaryIO, first: int, last: int) -> bool:
    """Overwrite a range with zeros; return True if it had others."""
    is_changed = False
    for start in range(first, last, CHUNK):
        length = min(CHUNK, last - start)
        if _read(stream, start, start + length).strip(b"\0"):
            stream.seek(start)
            stream.write(bytes(length))
            is_changed = True
    return is_changed


def _table(stream: BinaryIO, box: Box) -> bytes:
    """Return the content of a box. Raises Refused for a large one."""
    if box.end - box.content > MAX_TABLE:
        raise Refused(TOO_COMPLEX)
    return _read(stream, box.content, box.end)


def _read(stream: BinaryIO, start: int, end: int) -> bytes:
    stream.seek(start)
    return stream.read(end - start)


def _size(stream: BinaryIO) -> int:
    return stream.seek(0, 2)

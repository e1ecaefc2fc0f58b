"""Removal of metadata from OLE compound files (MS-CFB) and OLE 1 objects (MS-OLEDS) inside office files.

Such a file is an embedded object, often an older Word, Excel or PowerPoint file, or the packager's copy of any file.
Each stream keeps its length, so that the file's tables stay as they are.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable

import olefile

from cms.media.inspection.limits.allowance import Allowance
from cms.media.inspection.limits.archives import OLE_SIGNATURE
from cms.media.inspection.refusal import DAMAGED, MACROS, TOO_COMPLEX, Refused

from .office_97 import clean_word, without_comment_authors, without_current_user, without_workbook_names

OLE_1_LINK = struct.pack("<II", 0x501, 1)
OLE_1_EMBEDDED = struct.pack("<II", 0x501, 2)
FREE_SECTOR = 0xFFFFFFFF
# Olefile and the reading of records raise one of these for a damaged file.
DAMAGES = (
    OSError, ValueError, LookupError, TypeError, ArithmeticError, AssertionError, RecursionError, struct.error,
)  # fmt: skip
MAX_STREAMS = 1000  # and storages of a file: each is found by a search in the list of all
# Storages and streams of Visual Basic.
MACRO_NAMES = frozenset(("vba", "_vba_project", "_vba_project_cur"))
PROPERTY_SETS = frozenset(("\x05summaryinformation", "\x05documentsummaryinformation"))
PROPERTY_SET_START = 44  # bytes of the header, and the identifier of the first section
LOCAL_ENTRY, CENTRAL_DIRECTORY_END = b"PK\x03\x04", b"PK\x05\x06"
# A folder in a path of Windows, of a file URL or of Unix.
FOLDERS = re.compile(rb".*[\\/]", re.DOTALL)


def without_compound_metadata(data: bytes, clean: Callable[[bytes], bytes], allowance: Allowance) -> bytes | None:
    """Return an OLE file or object without metadata; None for a file of another kind.

    `clean` returns a file inside it without its metadata. Raises Refused for a damaged file and for macros.
    """
    try:
        if data.startswith(OLE_SIGNATURE):
            return _cleaned_file(data, clean, allowance)
        if data.startswith((OLE_1_LINK, OLE_1_EMBEDDED)):
            return _cleaned_object(data, clean)
    except DAMAGES as error:
        raise Refused(DAMAGED) from error
    return None


def _cleaned_file(data: bytes, clean: Callable[[bytes], bytes], allowance: Allowance) -> bytes:
    _check_header(data)
    stream = io.BytesIO(data)
    with olefile.OleFileIO(stream) as file:
        _check_chains(file, len(data))
        paths = file.listdir(streams=True, storages=True)
        if len(paths) > MAX_STREAMS:
            raise Refused(TOO_COMPLEX)
        if any(step.lower() in MACRO_NAMES for path in paths for step in path):
            raise Refused(MACROS)
        for path in file.listdir():
            allowance.unpack(file.get_size(path))
            _clean_stream(file, path, clean)
        # Word and Excel leave parts of former versions in sectors that they no longer use.
        for number, following in enumerate(file.fat):
            if following == FREE_SECTOR and (number + 2) * file.sector_size <= len(data):
                file.write_sect(number, bytes(file.sector_size))
        return stream.getvalue()


def _check_header(data: bytes) -> None:
    """Raise ValueError for sizes of sectors that no version has, and for more sectors of tables than the file has."""
    major, shift, mini_shift = struct.unpack_from("<H2xHH", data, 26)
    sectors = len(data) >> shift if shift < 32 else 0
    tables = struct.unpack_from("<I", data, 44) + struct.unpack_from("<I4xI", data, 64)
    if (major, shift) not in ((3, 9), (4, 12)) or mini_shift != 6 or any(number > sectors for number in tables):
        raise ValueError("The header is damaged.")


def _check_chains(file: olefile.OleFileIO, length: int) -> None:
    """Raise ValueError for a stream that is longer than the file, and for sectors that two chains share.

    A chain whose first sector follows no other, and in which each sector follows one only, has an end. olefile follows
    a circle until the memory is full.
    """
    file.loadminifat()
    streams = [entry for entry in file.direntries if entry is not None and entry.entry_type == olefile.STGTY_STREAM]
    if any(entry.size > length for entry in (file.root, *streams)):
        raise ValueError("A stream is longer than the file.")
    large = [entry.isectStart for entry in streams if entry.size >= file.minisectorcutoff]
    small = [entry.isectStart for entry in streams if 0 < entry.size < file.minisectorcutoff]
    first = [file.first_dir_sector, file.first_mini_fat_sector, file.root.isectStart, *large]
    for table, starts in ((file.fat, first), (file.minifat, small)):
        followed = [sector for sector in (*table, *starts) if sector < len(table)]
        if len(followed) != len(set(followed)):
            raise ValueError("Two chains share a sector.")


def _clean_stream(file: olefile.OleFileIO, path: list[str], clean: Callable[[bytes], bytes]) -> None:
    """Remove the metadata of a stream. A damaged one stays as it is, and the others lose theirs all the same."""
    content = file.openstream(path).read()
    try:
        if path[-1].lower() == "worddocument":
            found = clean_word(file, path[:-1], content)
        else:
            found = _cleaned_stream(path[-1].lower(), content, clean)
    except DAMAGES:
        return
    except Refused as refused:
        if refused.reason != DAMAGED:
            raise
        return
    if found != content:
        file.write_stream(path, found)


def _cleaned_stream(name: str, content: bytes, clean: Callable[[bytes], bytes]) -> bytes:
    """Return a stream of the same length without metadata. Raises Refused or one of DAMAGES for a damaged one."""
    if name in PROPERTY_SETS:
        empty = struct.pack("<III", PROPERTY_SET_START + 4, 8, 0)
        found = content[:PROPERTY_SET_START] + empty
        return found.ljust(len(content), b"\0") if len(found) <= len(content) else bytes(len(content))
    if name == "\x01ole" and len(content) > 20:  # A link, with the path of its file: the picture of it stays.
        flags = int.from_bytes(content[4:8], "little")
        return content[:4] + struct.pack("<I", flags & ~1) + content[8:16] + bytes(len(content) - 16)
    if name == "\x01ole10native":
        return _fitted(_cleaned_package(content[4:], clean, has_size=True), content)
    if name in ("workbook", "book"):
        return without_workbook_names(content)
    if name == "current user":
        return without_current_user(content)
    if name == "powerpoint document":
        return without_comment_authors(content)
    return _fitted(clean(content), content)


def _fitted(found: bytes, content: bytes) -> bytes:
    """Return a shorter stream with zeros up to the length of the original one. Raises Refused if it is longer."""
    missing = len(content) - len(found)
    if missing < 0:
        raise Refused(DAMAGED)
    end = found.rfind(CENTRAL_DIRECTORY_END)
    if not found.startswith(LOCAL_ENTRY) or end < 0:
        return found + bytes(missing)
    # Readers of a ZIP file look for its directory at the end: the zeros stand before the directory.
    (start,) = struct.unpack_from("<I", found, end + 16)
    return b"".join((
        found[:start], bytes(missing), found[start : end + 16], struct.pack("<I", start + missing), found[end + 20 :],
    ))  # fmt: skip


def _cleaned_package(content: bytes, clean: Callable[[bytes], bytes], *, has_size: bool) -> bytes:
    """Return the packager's copy of a file without the folders where the file was. `has_size` writes its size first."""
    reader = _Reader(content)
    kind, label, path = reader.take(2), reader.text(), reader.text()
    flags = reader.take(4)
    temporary = reader.sized()
    file = clean(reader.sized())
    name = FOLDERS.sub(b"", path)
    found = b"".join((
        kind, FOLDERS.sub(b"", label), b"\0", name, b"\0", flags,
        _sized(FOLDERS.sub(b"", temporary.rstrip(b"\0")) + b"\0"), _sized(file),
    ))  # fmt: skip
    return struct.pack("<I", len(found)) + found if has_size else found


def _cleaned_object(data: bytes, clean: Callable[[bytes], bytes]) -> bytes:
    """Return an OLE 1 object: a link without folders, or an embedded file without its metadata."""
    reader = _Reader(data)
    start = reader.take(8)
    kind, topic, item = reader.sized(), reader.sized(), reader.sized()
    topic = FOLDERS.sub(b"", topic)
    if start == OLE_1_LINK:
        reader.sized()  # the name of the network
        return b"".join((start, _sized(kind), _sized(topic), _sized(item), _sized(b""), reader.rest()))
    content = reader.sized()
    is_package = kind.rstrip(b"\0") == b"Package"
    found = _cleaned_package(content, clean, has_size=False) if is_package else clean(content)
    return b"".join((start, _sized(kind), _sized(topic), _sized(item), _sized(found), reader.rest()))


class _Reader:
    """Reads a sequence of values. Raises ValueError at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 0

    def take(self, length: int) -> bytes:
        end = self._position + length
        if end > len(self._data):
            raise ValueError("The object is incomplete.")
        found = self._data[self._position : end]
        self._position = end
        return found

    def sized(self) -> bytes:
        """Return bytes after their number."""
        return self.take(int.from_bytes(self.take(4), "little"))

    def text(self) -> bytes:
        """Return bytes before a zero."""
        end = self._data.index(b"\0", self._position)
        return self.take(end + 1 - self._position)[:-1]

    def rest(self) -> bytes:
        return self._data[self._position :]


def _sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data

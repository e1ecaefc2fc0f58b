"""Names of people in the streams of Word, Excel and PowerPoint 97 to 2003 (MS-DOC, MS-XLS, MS-PPT).

They are replaced in place, by hyphens or zeros, so that no position in the streams changes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import olefile

from cms.media.inspection.refusal import DAMAGED, Refused

# Records of Excel 97 (MS-XLS).
NOTE, FILE_PASS, FILE_SHARING, WRITE_ACCESS = 0x1C, 0x2F, 0x5B, 0x5C
# The beginning of the header of a PowerPoint comment, and of its text records (MS-PPT).
COMMENT, TEXT = b"\x0f\x00\xe0\x2e", 0x0FBA
# The header of Word 97 (MS-DOC, FibRgFcLcb97): pairs of offset and length in the table stream, by number.
WORD_SIGNATURE = b"\xec\xa5"
WORD_TABLES = 0x9A
COMMENT_INITIALS, ASSOCIATED_STRINGS, COMMENT_AUTHORS, CHANGE_AUTHORS = 4, 32, 36, 51
# Printer, autosaved file, variables, routing slip, persons who saved, names of files.
WORD_REMOVED = (27, 35, 60, 70, 71, 72)
COMMENT_SIZE = 30  # bytes of a comment's description, after the offset of each comment and of the end


def without_workbook_names(content: bytes) -> bytes:
    """Return an Excel workbook without the names of its users and of authors of notes; an encrypted one as it is."""
    clean, position = bytearray(content), 0
    while position + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, position)
        start, end = position + 4, position + 4 + length
        if kind == FILE_PASS:
            return content
        if kind == WRITE_ACCESS and length >= 4:
            clean[start:end] = struct.pack("<HB", 1, 0).ljust(length)
        elif kind == FILE_SHARING:
            clean[start:end] = bytes(length)
        elif kind == NOTE and length > 11:
            clean[start + 11 : end] = _hidden(content[start + 11 : end], is_wide=bool(content[start + 10] & 1))
        position = end
    return bytes(clean[: len(content)])


def _hidden(text: bytes, *, is_wide: bool) -> bytes:
    """Return a text of the same length with a hyphen for each character."""
    return (b"-\0" * (len(text) // 2)).ljust(len(text), b"\0") if is_wide else b"-" * len(text)


def without_current_user(content: bytes) -> bytes:
    """Return PowerPoint's record of the last user without the name, which it holds in 8 and in 16 bits."""
    (length,) = struct.unpack_from("<H", content, 20)
    name, wide = 28, 28 + length + 4
    if wide > len(content):
        raise Refused(DAMAGED)
    rest = _hidden(content[wide : wide + 2 * length], is_wide=True)
    return content[:name] + b"-" * length + content[name + length : wide] + rest + content[wide + 2 * length :]


def without_comment_authors(content: bytes) -> bytes:
    clean, position = bytearray(content), -1
    while (position := content.find(COMMENT, position + 1)) >= 0:
        end = position + 8 + int.from_bytes(content[position + 4 : position + 8], "little")
        record = position + 8
        while record + 8 <= min(end, len(content)):
            instance, kind, length = struct.unpack_from("<HHI", content, record)
            start, record = record + 8, record + 8 + length
            if kind == TEXT and instance >> 4 in (0, 2) and record <= end:  # The author, and the initials.
                clean[start:record] = _hidden(content[start:record], is_wide=True)
    return bytes(clean[: len(content)])


def clean_word(file: olefile.OleFileIO, folder: list[str], content: bytes) -> bytes:
    """Remove the names from the table stream of a Word document; return its main stream. Encrypted ones stay."""
    if not content.startswith(WORD_SIGNATURE):
        return content
    (flags,) = struct.unpack_from("<H", content, 10)
    path = [*folder, "1Table" if flags & 0x200 else "0Table"]
    if flags & 0x100 or not file.exists(path):
        return content
    header, table = bytearray(content), bytearray(file.openstream(path).read())
    for number in WORD_REMOVED:
        offset, length = _extent(content, number)
        table[offset : offset + length] = bytes(len(table[offset : offset + length]))
        struct.pack_into("<I", header, WORD_TABLES + 8 * number + 4, 0)
    for number, texts in (
        (ASSOCIATED_STRINGS, _strings),
        (CHANGE_AUTHORS, _strings),
        (COMMENT_AUTHORS, _owners),
        (COMMENT_INITIALS, _initials),
    ):
        offset, length = _extent(content, number)
        part = bytes(table[offset : offset + length])
        for start, end in texts(part):
            table[offset + start : offset + end] = _hidden(part[start:end], is_wide=True)
    file.write_stream(path, bytes(table))
    return bytes(header)


def _extent(content: bytes, number: int) -> tuple[int, int]:
    offset, length = struct.unpack_from("<II", content, WORD_TABLES + 8 * number)
    return offset, length


def _strings(part: bytes) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each string of an extended string table (MS-DOC, Sttb)."""
    if len(part) < 6:
        return
    _extended, number, extra = struct.unpack_from("<HHH", part)
    position = 6
    for _index in range(number):
        (length,) = struct.unpack_from("<H", part, position)
        yield position + 2, position + 2 + 2 * length
        position += 2 + 2 * length + extra


def _owners(part: bytes) -> Iterator[tuple[int, int]]:
    position = 0
    while position + 2 <= len(part):
        (length,) = struct.unpack_from("<H", part, position)
        yield position + 2, position + 2 + 2 * length
        position += 2 + 2 * length


def _initials(part: bytes) -> Iterator[tuple[int, int]]:
    number = max(0, (len(part) - 4) // (4 + COMMENT_SIZE))
    for index in range(number):
        start = 4 * (number + 1) + COMMENT_SIZE * index
        (length,) = struct.unpack_from("<H", part, start)
        yield start + 2, start + 2 + 2 * min(length, 9)

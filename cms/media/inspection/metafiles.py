"""Removal of metadata from files that only office files hold.

In pictures (TIFF 6.0, EMF with EMF+, WMF, and packed EMZ and WMZ) it is done in place: what is removed becomes zeros,
so that no offset changes. From included texts (RTF 1.9.1, HTML, and MHTML of RFC 2557) it is cut out.
"""

from __future__ import annotations

import base64
import email
import email.policy
import gzip
import re
import struct
import zlib
from collections.abc import Callable, Iterable
from email.message import Message

from sites.html_text import unescaped

from .limits.allowance import Allowance
from .limits.byte_ranges import merged
from .office.local_paths import FOLDER, without_folders_of_fields, without_folders_of_urls
from .refusal import DAMAGED, TOO_COMPLEX, TOO_LARGE_UNPACKED, Refused

MAX_UNPACKED = 50 << 20
GZIP = b"\x1f\x8b"
TIFF_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
# Tags that say how the pixels are stored and look (TIFF 6.0 with its supplements), and the colour profile.
TIFF_KEPT = frozenset((
    *range(254, 260), *range(262, 267), *range(273, 275), *range(277, 285), *range(290, 294), 296, 297, 301,
    *range(317, 326), 330, 332, *range(336, 343), 347, *range(512, 522), *range(529, 533), 34675,
))  # fmt: skip
TIFF_DIRECTORIES = frozenset((34665, 34853, 40965))  # EXIF, GPS, interoperability
TIFF_SUBIMAGES = 330
TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
MAX_DIRECTORIES = 1000
MAX_ENTRIES = 20_000  # of all directories together
EMF_SIGNATURE = b" EMF"
EMF_COMMENT = 70
EMF_PLUS = b"EMF+"
EMF_PLUS_COMMENT = 0x4003
WMF_STARTS = (b"\xd7\xcd\xc6\x9a", b"\x01\x00\x09\x00", b"\x02\x00\x09\x00")
WMF_PLACEABLE = 22  # bytes of the header that the first signature begins
WMF_HEADER = 18
WMF_ESCAPE, WMF_COMMENT = 0x0626, 0x000F
RTF_START = b"{\\rtf"
RTF_TOKEN = re.compile(
    rb"\\bin(?P<binary>\d{1,9}) ?|\\[^a-z]|[{}]|(?<![\w\\-])(?P<digits>[0-9a-fA-F][0-9a-fA-F\s]{63,})"
)
# Groups that name people, programs, paths and data sources.
RTF_REMOVED = re.compile(
    rb"\{\s*(?:\\\*\s*)?\\(?:info|userprops|generator|revtbl|atnauthor|atnid|template|docvar|mmdatasource|mmconnectstr)"
    rb"(?![a-z])"
)
HTML_STARTS = (b"<!doctype html", b"<html", b"<?xml")
HTML_HEAD_TAG = re.compile(rb"<(meta|link)(?=[\s/>])", re.IGNORECASE)
# A quotation mark that nothing closes has no meaning, so that the tag ends at the next `>`.
HTML_ATTRIBUTE = re.compile(
    rb"""[\s/]*(?P<name>[^\s/>][^\s/>=]*)"""
    rb"""(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>"'][^\s>]*)?))?"""
)
HTML_TAG_END = re.compile(rb"[\s/]*>")
HTML_CHARSET = re.compile(rb"charset\s*=\s*([a-z0-9][a-z0-9._:+-]{0,39})", re.IGNORECASE)
HTML_NAMES = frozenset((b"name", b"property", b"itemprop"))
HTML_READ = HTML_NAMES | {b"charset", b"http-equiv", b"content", b"rel"}
HTML_LINKS_REMOVED = frozenset((b"file-list", b"edit-time-data", b"main-file", b"author"))
WEB_ARCHIVE_START = re.compile(rb"\s{0,9}[\w-]{1,40}:")
WEB_ARCHIVE_TYPES = frozenset(("multipart/related", "text/html"))
WEB_ARCHIVE_HEADERS = frozenset((
    "mime-version", "content-type", "content-transfer-encoding", "content-id", "content-location", "content-base",
))  # fmt: skip
MAX_BOUNDARIES = 20  # of parts that hold parts
MAX_WEB_PARTS = 5000
MAX_FOLDERS = 50
HTML_PROPERTIES = re.compile(rb"<(o:documentproperties|o:customdocumentproperties|title)\b[^<>]*>", re.IGNORECASE)


def without_metafile_metadata(data: bytes, allowance: Allowance) -> bytes | None:
    """Return the picture without its metadata; None for a file of another kind. Raises Refused."""
    try:
        if data.startswith(GZIP):
            return _unpacked_and_packed(data, allowance)
        if order := TIFF_ORDERS.get(data[:4]):
            return _Tiff(data, order).cleaned()
        if data[40:44] == EMF_SIGNATURE:
            return _emf(data)
        if data.startswith(WMF_STARTS):
            return _wmf(data)
    except (struct.error, zlib.error) as error:
        raise Refused(DAMAGED) from error
    return None


def _unpacked_and_packed(data: bytes, allowance: Allowance) -> bytes | None:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    content = unpacker.decompress(data, MAX_UNPACKED)
    allowance.unpack(len(content), members=0)
    if unpacker.unconsumed_tail:
        raise Refused(TOO_LARGE_UNPACKED)
    clean = None if content.startswith(GZIP) else without_metafile_metadata(content, allowance)
    return None if clean is None else gzip.compress(clean, mtime=0)


class _Tiff:
    """A TIFF file whose directories keep the entries of TIFF_KEPT."""

    def __init__(self, data: bytes, order: str) -> None:
        self._data, self._order = bytearray(data), order
        self._seen: set[int] = set()
        self._number_of_entries = 0
        self._erased: list[tuple[int, int]] = []

    def cleaned(self) -> bytes:
        (offset,) = struct.unpack_from(f"{self._order}I", self._data, 4)
        while offset:
            offset = self._clean(offset)
        for first, last in merged(self._erased):  # Thousands of entries may name the same bytes.
            self._data[first:last] = bytes(last - first)
        return bytes(self._data)

    def _clean(self, offset: int) -> int:
        """Remove entries of a directory; return the offset of the next one."""
        entries, end, following = self._entries(offset)
        kept = []
        for entry, (tag, values) in entries:
            if tag == TIFF_SUBIMAGES:
                for each in self._numbers(entry, values):
                    self._clean(each)
            if tag in TIFF_KEPT:
                kept.append(entry)
            else:
                self._erase(tag, entry, values)
        written = struct.pack(f"{self._order}H", len(kept)) + b"".join(kept) + struct.pack(f"{self._order}I", following)
        self._data[offset : end + 4] = written.ljust(end + 4 - offset, b"\x00")
        return following

    def _erase(self, tag: int, entry: bytes, values: slice | None) -> None:
        if tag in TIFF_DIRECTORIES:
            for offset in self._numbers(entry, values):
                entries, end, _following = self._entries(offset)
                for inner, (inner_tag, inner_values) in entries:
                    self._erase(inner_tag, inner, inner_values)
                self._erased.append((offset, end))
        if values is not None:
            self._erased.append((values.start, values.stop))

    def _entries(self, offset: int) -> tuple[list[tuple[bytes, tuple[int, slice | None]]], int, int]:
        """Return (entry, (tag, position of outside values)) of a directory, its end and the next offset."""
        if offset in self._seen or len(self._seen) > MAX_DIRECTORIES:
            raise Refused(DAMAGED)
        self._seen.add(offset)
        (count,) = struct.unpack_from(f"{self._order}H", self._data, offset)
        self._number_of_entries += count
        if self._number_of_entries > MAX_ENTRIES:
            raise Refused(TOO_COMPLEX)
        end = offset + 2 + 12 * count
        entries = []
        for start in range(offset + 2, end, 12):
            entry = bytes(self._data[start : start + 12])
            tag, kind, number, position = struct.unpack(f"{self._order}HHII", entry)
            size = TIFF_SIZES.get(kind, 1) * number
            if size > 4 and position + size > len(self._data):
                raise Refused(DAMAGED)
            entries.append((entry, (tag, slice(position, position + size) if size > 4 else None)))
        is_last = end + 4 > len(self._data)  # The next offset is missing in a directory inside an entry.
        following = 0 if is_last else struct.unpack_from(f"{self._order}I", self._data, end)[0]
        return entries, end, following

    def _numbers(self, entry: bytes, values: slice | None) -> list[int]:
        if values is not None and values.stop - values.start > 4 * MAX_DIRECTORIES:
            raise Refused(TOO_COMPLEX)
        data = entry[8:] if values is None else bytes(self._data[values])
        return [number for (number,) in struct.iter_unpack(f"{self._order}I", data[: len(data) // 4 * 4]) if number]


def _emf(data: bytes) -> bytes:
    """Return an EMF file without its description (program and title) and without comments that draw nothing."""
    clean = bytearray(data)
    characters, description = struct.unpack_from("<II", data, 60)
    if characters and description:
        if description + 2 * characters > len(data):
            raise Refused(DAMAGED)
        clean[description : description + 2 * characters] = bytes(2 * characters)
        clean[60:68] = bytes(8)
    position = 0
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, position)
        if size < 8 or position + size > len(data):
            raise Refused(DAMAGED)
        if kind == EMF_COMMENT and size >= 16:
            end = position + size
            if data[position + 12 : position + 16] != EMF_PLUS:
                clean[position + 12 : end] = bytes(end - position - 12)
            else:
                _clear_emf_plus_comments(clean, position + 16, end)
        position += size
    return bytes(clean)


def _clear_emf_plus_comments(data: bytearray, position: int, end: int) -> None:
    while position + 12 <= end:
        kind, _flags, size = struct.unpack_from("<HHI", data, position)
        if size < 12 or position + size > end:
            return  # The record goes on in the next comment.
        if kind == EMF_PLUS_COMMENT:
            data[position + 12 : position + size] = bytes(size - 12)
        position += size


def _wmf(data: bytes) -> bytes:
    """Return a WMF file without comments, which describe it for programs or hold a second picture."""
    clean = bytearray(data)
    position = WMF_HEADER + (WMF_PLACEABLE if data.startswith(WMF_STARTS[0]) else 0)
    while position + 6 <= len(data):
        words, function = struct.unpack_from("<IH", data, position)
        end = position + 2 * words
        if words < 3 or end > len(data):
            raise Refused(DAMAGED)
        if function == WMF_ESCAPE and words >= 5 and struct.unpack_from("<H", data, position + 6)[0] == WMF_COMMENT:
            clean[position + 10 : end] = bytes(end - position - 10)
        position = end
    return bytes(clean)


def without_text_metadata(data: bytes, clean: Callable[[bytes], bytes] = bytes) -> bytes:
    """Return an included RTF, HTML or MHTML file without authors, title, dates and programs; any other file as it is.

    `clean` returns a file inside it, such as a picture, without its metadata. Raises Refused.
    """
    if data.startswith(RTF_START):
        return without_folders_of_fields(_cleaned_rtf(data, clean))
    if data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(HTML_STARTS):
        return without_folders_of_urls(_without_html_names(_without_html_properties(data)))
    if WEB_ARCHIVE_START.match(data) and b"mime-version:" in data[:8192].lower():
        return _cleaned_web_archive(data, clean)
    return data


def _cleaned_rtf(data: bytes, clean: Callable[[bytes], bytes]) -> bytes:
    """Remove the groups of RTF_REMOVED, and the metadata of pictures, whose bytes are hexadecimal digits or binary."""
    kept, start, depth, position = bytearray(), 0, 0, 0  # `depth` counts the groups inside one that is removed.
    while token := RTF_TOKEN.search(data, position):
        position = token.end()
        if token["binary"]:
            position += int(token["binary"])
            content = data[token.end() : position]
            if not depth and (found := clean(content)) != content:
                kept += data[start : token.start()] + b"\\bin%d " % len(found) + found
                start = position
        elif token["digits"]:
            digits = token["digits"].translate(None, b" \t\r\n\v\f")
            content = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
            if not depth and (found := clean(content)) != content:
                kept += data[start : token.start()] + found.hex().encode() + b"\n"
                start = position
        elif token[0] == b"{" and depth:
            depth += 1
        elif token[0] == b"{" and RTF_REMOVED.match(data, token.start()):
            kept += data[start : token.start()]
            depth = 1
        elif token[0] == b"}" and depth:
            depth -= 1
            start = position
    return bytes(kept) + (b"}" if depth else data[start:])


def _cleaned_web_archive(data: bytes, clean: Callable[[bytes], bytes]) -> bytes:
    """Keep the headers that say how the parts of a web page are read, and clean the parts. Raises Refused."""
    holders = len(re.findall(rb"boundary\s*=|message/rfc822", data, re.IGNORECASE))
    if holders > MAX_BOUNDARIES or data.count(b"\n--") > MAX_WEB_PARTS:
        raise Refused(TOO_COMPLEX)
    try:
        message = email.message_from_bytes(data)
        if message.get_content_type() not in WEB_ARCHIVE_TYPES:
            return data  # An e-mail: its sender is a part of its content.
        folders = _local_folders(str(each["Content-Location"] or "") for each in message.walk())
        for part in message.walk():
            _clean_mime_part(part, folders, clean)
        message.preamble = message.epilogue = None
        return message.as_bytes(policy=email.policy.compat32.clone(linesep="\r\n"))
    except (ValueError, LookupError, TypeError) as error:  # Hostile headers.
        raise Refused(DAMAGED) from error


def _local_folders(locations: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern of the folders of the author's machine in which the parts of a web page were."""
    folders = {each.rpartition("/")[0] for each in locations if each.lower().startswith("file:")}
    if len(folders) > MAX_FOLDERS:
        raise Refused(TOO_COMPLEX)
    return re.compile("|".join(map(re.escape, sorted(folders, key=len, reverse=True)))) if folders else None


def _clean_mime_part(part: Message, folders: re.Pattern[str] | None, clean: Callable[[bytes], bytes]) -> None:
    for name in set(part.keys()):
        if name.lower() not in WEB_ARCHIVE_HEADERS:
            del part[name]
        elif folders is not None and name.lower() in ("content-location", "content-base"):
            part.replace_header(name, folders.sub(FOLDER.decode(), str(part[name])))
    part.del_param("name")
    if part.is_multipart():
        return
    content = part.get_payload(decode=True)
    before = content if isinstance(content, bytes) else b""
    found = clean(before)
    if folders is not None and part.get_content_maintype() == "text":
        found = folders.sub(FOLDER.decode(), found.decode("latin-1")).encode("latin-1")
    if found != before:
        del part["Content-Transfer-Encoding"]
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(base64.encodebytes(found).decode())


def _without_html_properties(data: bytes) -> bytes:
    kept, position = bytearray(), 0
    while found := HTML_PROPERTIES.search(data, position):
        end = re.compile(b"</" + re.escape(found[1]) + rb"\s*>", re.IGNORECASE).search(data, found.end())
        if end is None:
            break
        kept += data[position : found.start()]
        position = end.end()
    return bytes(kept) + data[position:]


def _without_html_names(data: bytes) -> bytes:
    """Remove tags that name a person, a program or a file; of those that declare the character set too, keep that."""
    kept, position = bytearray(), 0
    while found := HTML_HEAD_TAG.search(data, position):
        attributes, end = _html_attributes(data, found.end())
        if end is None:
            break
        kept += data[position : found.start()]
        kept += _kept_tag(found[1].lower(), attributes, data[found.start() : end])
        position = end
    return bytes(kept) + data[position:]


def _html_attributes(data: bytes, position: int) -> tuple[dict[bytes, bytes], int | None]:
    """Return the attributes of HTML_READ, and the end of the tag; None if nothing closes it."""
    attributes: dict[bytes, bytes] = {}
    while found := HTML_ATTRIBUTE.match(data, position):
        position = found.end()
        if (name := found["name"].lower()) in HTML_READ:  # The first of several counts.
            value = found["double"] or found["single"] or found["bare"] or b""
            # Characters outside of Latin-1 are in none of the values that count.
            attributes.setdefault(name, unescaped(value.decode("latin-1")).encode("latin-1", "replace"))
    closed = HTML_TAG_END.match(data, position)
    return attributes, closed.end() if closed else None


def _kept_tag(element: bytes, attributes: dict[bytes, bytes], tag: bytes) -> bytes:
    if element == b"link":
        return b"" if HTML_LINKS_REMOVED.intersection(attributes.get(b"rel", b"").lower().split()) else tag
    if HTML_NAMES.isdisjoint(attributes):
        return tag
    declared = b"charset=" + attributes.get(b"charset", b"")
    if b"charset" not in attributes and attributes.get(b"http-equiv", b"").strip().lower() == b"content-type":
        declared = attributes.get(b"content", b"")
    charset = HTML_CHARSET.search(declared)
    return b'<meta charset="%b"/>' % charset[1] if charset else b""

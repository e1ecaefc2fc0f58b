"""Opening of ZIP archives. The declared sizes are checked before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

from cms.media.inspection.refusal import DAMAGED, ENCRYPTED, OTHER_KIND, TOO_LARGE_UNPACKED, Refused

from .allowance import MAX_MEMBERS, MAX_UNPACKED, Allowance

MAX_RATIO = 200  # unpacked bytes for each packed byte of a member above 1 MB
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # older Office files, and encrypted OOXML
CHUNK = 1 << 20


def inspect_archive(path: Path) -> dict[str, Any]:
    """Read all members of a ZIP archive, without changing them. Raises Refused."""
    with open_archive_at(path) as archive:
        if not archive.infolist():
            raise Refused(DAMAGED)
        for member in archive.infolist():
            _check_member(archive, member)
    return {"changed": False}


def open_archive_at(path: Path) -> zipfile.ZipFile:
    """Open the archive at a path. Raises Refused for a file of another format, and as `open_archive` does."""
    with path.open("rb") as stream:
        beginning = stream.read(8)
    if beginning == OLE_SIGNATURE:
        raise Refused(ENCRYPTED)
    if not beginning.startswith(b"PK"):
        raise Refused(OTHER_KIND)
    return open_archive(path)


def open_archive(source: Path | io.BytesIO) -> zipfile.ZipFile:
    """Open an archive. Raises Refused if its members are too many, too large or encrypted."""
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(DAMAGED) from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refused(TOO_LARGE_UNPACKED)
    for member in members:
        if member.flag_bits & 1:
            raise Refused(ENCRYPTED)
        if member.file_size > 1 << 20 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise Refused(TOO_LARGE_UNPACKED)
    return archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowance: Allowance) -> bytes:
    """Return the content of a member. Raises Refused."""
    allowance.unpack(member.file_size)
    try:
        return archive.read(member)  # zipfile reads at most the declared size and compares the checksum.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Refused(DAMAGED) from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a member without keeping it. Raises Refused if it is damaged."""
    try:
        with archive.open(member) as content:
            while content.read(CHUNK):
                pass
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Refused(DAMAGED) from error

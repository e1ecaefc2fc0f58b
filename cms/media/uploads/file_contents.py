"""Validation of the content of an uploaded file: it is of the type that its name says, and unpacks to a limited size.

Images are not checked here: Wagtail's form field opens them.
"""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from struct import Struct
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cms.media.overrides.field_files import has_unsaved_content
from sites.validation.incoming_text import probable_encoding

HEAD_BYTES = 1024
CHUNK = 1 << 20

# Limits of ZIP files and of the office documents that are ZIP files. The product unpacks none in a request.
MAX_MEMBERS = 10_000
MAX_UNPACKED = 1 << 30
# Bytes of the directory of the members: a member needs 46 and its name.
MAX_DIRECTORY = MAX_MEMBERS * 400
END_OF_ARCHIVE = Struct("<4s4H2LH")
END_MARK = b"PK\x05\x06"
ZIP64_MARK = b"PK\x06\x07"
ZIP64_MARK_BYTES = 20

# The member that shows which office document a ZIP file is.
OPEN_XML_PARTS = {"docx": "word/", "pptx": "ppt/", "xlsx": "xl/"}
OPEN_DOCUMENT_TYPES = {"odp": "presentation", "ods": "spreadsheet", "odt": "text"}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


def validate_new_content(file: Any) -> None:
    """Raise ValidationError for the field if a new file is not what its extension says, or is a large archive.

    A stored file is valid: it was checked when it was uploaded. The multiple uploader keeps a file as long as the error
    is not that of the field.
    """
    if not has_unsaved_content(file):
        return
    try:
        validate_content(file.file, file.name)
    except ValidationError as error:
        raise ValidationError({file.field.name: error}) from error


def validate_content(content: IO[bytes], name: str) -> None:
    """Raise ValidationError if the content is not what the extension of the name says, or is a large archive."""
    extension = PurePosixPath(name).suffix.removeprefix(".").lower()
    check = CHECKS.get(extension)
    if check is None:
        return
    content.seek(0)
    try:
        is_valid = check(content, extension)
    finally:
        content.seek(0)
    if not is_valid:
        raise ValidationError(
            _("The content of this file is not that of a .%(extension)s file."),
            code="content_differs",
            params={"extension": extension},
        )


def _starts_with(*signatures: bytes, offset: int = 0) -> Callable[[IO[bytes], str], bool]:
    def check(content: IO[bytes], extension: str) -> bool:
        return content.read(HEAD_BYTES)[offset:].startswith(signatures)

    return check


def _is_pdf(content: IO[bytes], extension: str) -> bool:
    # Programs accept bytes before the header (ISO 32000-1, annex H).
    return b"%PDF-" in content.read(HEAD_BYTES)


def _is_text(content: IO[bytes], extension: str) -> bool:
    """Return True for UTF-8, the encoding in which texts are sent to readers, without NUL.

    Raise ValidationError with the probable encoding for text in another one.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := content.read(CHUNK):
            if "\x00" in decoder.decode(chunk):
                break
        else:
            decoder.decode(b"", final=True)
            return True
    except UnicodeDecodeError:
        pass
    content.seek(0)
    if encoding := probable_encoding(content.read(CHUNK)):
        message = _("This file is not UTF-8 text. The encoding is probably %(encoding)s: save the file as UTF-8.")
        raise ValidationError(message, code="content_differs", params={"encoding": encoding})
    return False


def _is_archive(content: IO[bytes], extension: str) -> bool:
    """Return True for a ZIP file, of the kind that the extension says. Raise ValidationError if it holds too much."""
    _check_directory(content)
    try:
        with zipfile.ZipFile(content) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
                raise _too_large()
            return _is_kind(archive, extension)
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError, EOFError, OSError):
        return False


def _is_kind(archive: zipfile.ZipFile, extension: str) -> bool:
    names = archive.namelist()
    if part := OPEN_XML_PARTS.get(extension):
        return "[Content_Types].xml" in names and any(name.startswith(part) for name in names)
    if kind := OPEN_DOCUMENT_TYPES.get(extension):
        if "mimetype" not in names:
            return False
        with archive.open("mimetype") as member:
            return member.read(HEAD_BYTES).strip() == f"{OPEN_DOCUMENT}{kind}".encode()
    return True


def _check_directory(content: IO[bytes]) -> None:
    """Raise ValidationError for a directory that is too long to be read, or in the format of archives over 4 GB.

    `zipfile` reads the whole directory into memory: that of a file of 50 MB may have a million members.
    """
    size = content.seek(0, 2)
    content.seek(max(0, size - END_OF_ARCHIVE.size - 0xFFFF - ZIP64_MARK_BYTES))
    tail = content.read()
    content.seek(0)
    # As `zipfile` does: the record without a comment at the end of the file, else the last one.
    start = len(tail) - END_OF_ARCHIVE.size
    if start < 0 or not (tail[start:].startswith(END_MARK) and tail.endswith(b"\0\0")):
        start = tail.rfind(END_MARK)
    if start < 0 or len(tail) - start < END_OF_ARCHIVE.size:
        return
    *_numbers, members, directory, _offset, _comment = END_OF_ARCHIVE.unpack_from(tail, start)
    has_zip64 = tail[max(0, start - ZIP64_MARK_BYTES) : start].startswith(ZIP64_MARK)
    if members > MAX_MEMBERS or directory > MAX_DIRECTORY or has_zip64:
        raise _too_large()


def _too_large() -> ValidationError:
    return ValidationError(
        _("This archive holds too many files, or unpacks to more than 1 GB."), code="archive_too_large"
    )


CHECKS: dict[str, Callable[[IO[bytes], str], bool]] = {
    "pdf": _is_pdf,
    "jpg": _starts_with(b"\xff\xd8\xff"),
    "jpeg": _starts_with(b"\xff\xd8\xff"),
    "png": _starts_with(b"\x89PNG\r\n\x1a\n"),
    "mp4": _starts_with(b"ftyp", offset=4),
    "webm": _starts_with(b"\x1a\x45\xdf\xa3"),
    **dict.fromkeys(("csv", "srt", "txt", "vtt"), _is_text),
    **dict.fromkeys(("zip", *OPEN_XML_PARTS, *OPEN_DOCUMENT_TYPES), _is_archive),
}

"""The bytes of an incoming translation file: limited, decoded once, and refused with a clear message."""

from __future__ import annotations

from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sites.validation.incoming_text import decode_utf8, refuse_control_characters

MEGABYTE = 1_000_000
# Far more than the longest field of a page; a comparison of the codes of one huge text would take minutes.
MAX_TEXT_LENGTH = 100_000
# ZIP (also of the packages of Trados and memoQ), gzip, bzip2, xz, zstandard, 7z.
PACKED = (b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf")


class Readable(Protocol):
    """A binary file. Uploads of Django are such files."""

    def read(self, size: int, /) -> Any: ...


def read_limited(file: Readable, name: str, max_bytes: int | None = None) -> str:
    """Return the text of a UTF-8 file.

    At most one byte more than the limit is read: `max_bytes`, by default TRANSLATION_FILE_MAX_BYTES. Raises
    ValidationError with the name of the file if it is larger, empty, packed or not UTF-8.
    """
    limit = settings.TRANSLATION_FILE_MAX_BYTES if max_bytes is None else max_bytes
    data = file.read(limit + 1)
    values = {"name": name, "size": limit // MEGABYTE}
    if len(data) > limit:
        raise ValidationError(_("“%(name)s” is larger than %(size)s MB: export fewer pages at once.") % values)
    if not data:
        raise ValidationError(_("“%(name)s” is empty.") % values)
    if data.startswith(PACKED):
        raise ValidationError(_("“%(name)s” is a packed file: unpack it and import the files that it holds.") % values)
    try:
        return decode_utf8(data)
    except ValidationError as error:
        raise ValidationError(
            _("“%(name)s”: %(reasons)s") % (values | {"reasons": " ".join(error.messages)})
        ) from error


def refuse_at(name: str, line: int | None, reason: str) -> ValidationError:
    """Return the error for a file with a fault in one line."""
    values = {"name": name, "line": line or 1, "reasons": reason}
    return ValidationError(_("“%(name)s”, line %(line)s: %(reasons)s") % values)


def mislabelled(name: str, encoding: str) -> ValidationError:
    """Return the error for a file of UTF-8 that names another encoding."""
    message = _("“%(name)s” says that it is %(encoding)s, but its text is UTF-8: correct this and import it again.")
    return ValidationError(message % {"name": name, "encoding": encoding})


def refuse_text_at(name: str, line: int | None, text: str) -> None:
    """Raise ValidationError if a text has a control character, or more characters than a text of a page."""
    if len(text) > MAX_TEXT_LENGTH:
        raise refuse_at(name, line, _("a text has more than %(number)s characters.") % {"number": MAX_TEXT_LENGTH})
    try:
        refuse_control_characters(text)
    except ValidationError as error:
        raise refuse_at(name, line, " ".join(error.messages)) from error


def refuse_surplus_units(name: str, number: int, max_units: int | None = None) -> None:
    """Raise ValidationError if a file has more units than `max_units`, or than TRANSLATION_FILE_MAX_UNITS."""
    if max_units is not None and number > max_units:
        message = _("“%(name)s” has far more texts than the content: export it again.")
        raise ValidationError(message % {"name": name})
    if number > settings.TRANSLATION_FILE_MAX_UNITS:
        values = {"name": name, "number": settings.TRANSLATION_FILE_MAX_UNITS}
        message = _("“%(name)s” has more than %(number)s texts: export fewer pages at once.")
        raise ValidationError(message % values)

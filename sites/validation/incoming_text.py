"""Validation of text that comes from outside: control characters, marks without end, and bytes that are not UTF-8."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sites.unicode_forms import MAX_MARKS, has_surplus_marks

# The size of a content with its blocks, as JSON, that is published or translated: more than a hundred printed pages.
MAX_CHARACTERS = 400_000

# The code of errors about limits that content of an older version may exceed.
LIMIT = "limit"

# The last two code points of each plane, and 32 more: Unicode reserves them for the use inside a program.
NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
# Characters of the categories Cc and Cs, and noncharacters, without tabulator and line breaks. No editor types them;
# XML, PostgreSQL or browsers refuse some of them.
CONTROL_CHARACTER = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{NONCHARACTERS}]")
# Text in Windows-1252 that was read as ISO-8859-1 or ISO-8859-15 has these characters instead of “’”, “œ” and “–”.
FIRST_C1, LAST_C1 = "\x80", "\x9f"
CODE = "control_characters"
CHARACTERS_SHOWN = 20

BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "UTF-8",
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
# Encodings in which French text is still saved, with their names for people. The first one with the best score counts.
LEGACY_ENCODINGS = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS (code page 850)"}
# Characters outside ASCII that are frequent in the languages of the instance, typographic ones included.
FREQUENT_CHARACTERS = frozenset("àâäæçéèêëîïôöœùûüÿñáíóúãõßåÀÂÄÇÉÈÊËÎÏÔÖŒÙÛÜ«»’‘“”–—…€°\xa0")


class UnacceptableText(str):
    """A text as it was typed, for which a form field gives an error: `reason` is the sentence.

    A widget returns it for a text that it does not convert. Form fields check it first, see `field_validators`.
    """

    reason: str

    def __new__(cls, text: str, reason: str) -> UnacceptableText:
        new = super().__new__(cls, text)
        new.reason = reason
        return new


def refuse_control_characters(text: str) -> None:
    """Raise ValidationError, with the code of the character and the text before it, for a control character.

    Also raised for a letter with more combining marks than any language has: code that normalises the text, in Django
    and Wagtail too, would take minutes.
    """
    found = CONTROL_CHARACTER.search(text)
    if found is None:
        if has_surplus_marks(text):
            message = _("A letter has more than %(number)s accents or other marks: type this passage again.")
            raise ValidationError(message, code=CODE, params={"number": MAX_MARKS})
        return
    before = text[: found.start()][-CHARACTERS_SHOWN:].strip()
    if FIRST_C1 <= found[0] <= LAST_C1:
        message = _(
            "The text holds a control character (U+%(code)s) after “%(before)s”. It was probably Windows-1252 text "
            "that a program read as ISO-8859: type the character again."
        )
    else:
        message = _("The text holds a control character (U+%(code)s) after “%(before)s”: type this passage again.")
    raise ValidationError(message, code=CODE, params={"code": f"{ord(found[0]):04X}", "before": before})


def refuse_control_characters_in(value: object) -> None:
    """Raise ValidationError for a control character in any text of a value of JSON, keys included."""
    match value:
        case str():
            refuse_control_characters(value)
        case dict():
            for key, each in value.items():
                refuse_control_characters_in(key)
                refuse_control_characters_in(each)
        case list() | tuple():
            for each in value:
                refuse_control_characters_in(each)


def decode_utf8(data: bytes) -> str:
    """Return the text of UTF-8 bytes, without a byte order mark.

    Raises ValidationError with the line, and the probable encoding, for bytes that are not UTF-8.
    """
    try:
        if is_utf_16_without_mark(data):
            raise UnicodeDecodeError("utf-8", data, data.index(b"\0"), data.index(b"\0") + 1, "UTF-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        encoding = probable_encoding(data)
        message = (
            _("Line %(line)s is not UTF-8 text. The encoding is probably %(encoding)s: save the file as UTF-8.")
            if encoding
            else _("Line %(line)s is not UTF-8 text: save the file as UTF-8.")
        )
        raise ValidationError(message % {"line": line, "encoding": encoding}) from error


def is_utf_16_without_mark(data: bytes) -> bool:
    """Return True for bytes that are probably UTF-16: text without accents is then UTF-8 with a NUL in each pair."""
    return b"\0" in data and probable_encoding(data) == "UTF-16"


def probable_encoding(data: bytes) -> str:
    """Return the name of the encoding in which bytes that are not UTF-8 probably are; "" for bytes that are no text."""
    for mark, name in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return name
    sample = data[:100_000]
    if b"\0" in sample:
        # Latin text in UTF-16 has a NUL in every second byte.
        return "UTF-16" if sample.count(b"\0") > len(sample) / 4 else ""
    scores = {encoding: _score(sample, encoding) for encoding in LEGACY_ENCODINGS}
    best = max(scores, key=lambda encoding: scores[encoding])
    return LEGACY_ENCODINGS[best] if scores[best] > 0 else ""


def _score(data: bytes, encoding: str) -> int:
    """Return the weight of frequent characters outside ASCII minus the number of others; negative for no text."""
    text = data.decode(encoding, errors="replace")
    if "\ufffd" in text or CONTROL_CHARACTER.search(text):
        return -len(data)
    return sum(_weight(character) for character in text if character > "\x7f")


def _weight(character: str) -> int:
    if character not in FREQUENT_CHARACTERS:
        return -1
    return 1 if character.isupper() else 2

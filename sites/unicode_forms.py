"""Normalisation forms of Unicode in a time that grows with the length of the text, whatever it contains.

Python sorts the combining marks of a letter by inserting them one by one: with 160,000 marks in a row it takes half a
minute, and no other thread of the process runs meanwhile. The Stream-Safe Text Format (UAX #15, section 13) has at most
30 marks in a row; no language uses more than a few.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

MAX_MARKS = 30
# Above it Unicode has ideographs and private characters, which start a letter.
END_OF_MARKS = 0x20000

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalise(form: Form, text: str) -> str:
    """Return a text in a normalisation form, without the combining marks that follow MAX_MARKS others."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, _surplus_marks().sub(r"\1", text))


def has_surplus_marks(text: str) -> bool:
    """Return True if a text has more than MAX_MARKS combining marks in a row."""
    return not text.isascii() and _surplus_marks().search(text) is not None


@cache
def _surplus_marks() -> re.Pattern[str]:
    """Return the pattern of too many marks in a row, compiled with the first text: it looks at all characters."""
    marks = "".join(character for character in map(chr, range(END_OF_MARKS)) if _is_mark(character))
    return re.compile(f"([{marks}]{{{MAX_MARKS}}})[{marks}]+")


def _is_mark(character: str) -> bool:
    """Return True for a combining mark, and for a character that becomes one in a form."""
    return bool(unicodedata.combining(unicodedata.normalize("NFKD", character)[0]))

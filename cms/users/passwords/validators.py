"""Validators of new passwords (setting AUTH_PASSWORD_VALIDATORS), after NIST SP 800-63B and ASVS 5.0, 6.2.

Any characters are allowed; a password is refused if it is short, known, or made of words that everybody here uses.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sites.models import Department
from sites.unicode_forms import normalise

# A sorted list of the first bytes of SHA-256 of 44,000 frequent passwords of at least 12 characters, in lower case:
# those of the million most frequent ones of "10 million passwords" (Mark Burnett, 2015, public domain).
COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.bin")
HASH_BYTES = 5

# Words of the product, its domain and its roles, one a line, without accents. Names of departments are added to them,
# and those of the setting PASSWORD_CONTEXT_WORDS.
CONTEXT_WORDS = Path(__file__).with_name("context_words.txt")
SHORTEST_WORD = 4
# Letters and digits that must remain beside these words and years.
SHORTEST_REST = 8
# Longer passwords are not searched for words: a text of megabytes would take seconds.
LONGEST_SEARCHED = 100
SUBSTITUTED_LETTERS = str.maketrans("013457@$!", "oieastasi")
YEAR = re.compile(r"(?:19|20)\d\d")


class FrequentPasswordValidator:
    """Refuses frequent passwords that are long enough to pass the other rules; of Django's list only 194 are."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_common(password):
            raise ValidationError(_("This password is too common."), code="password_too_common")

    def get_help_text(self) -> str:
        return _("Your password can’t be a commonly used password.")


class ContextWordsValidator:
    """Refuses passwords that consist of words of this instance, with a number or a year."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) <= LONGEST_SEARCHED and consists_of_words(password, context_words()):
            raise ValidationError(
                _("This password consists of words that are easy to guess here."), code="password_of_context_words"
            )

    def get_help_text(self) -> str:
        return _("Your password can’t consist of the names of departments, of roles or of this product.")


class BreachedPasswordValidator:
    """Refuses passwords that are in BREACHED_PASSWORDS_FILE; without the setting it accepts all.

    The file is that of Have I Been Pwned: one line `SHA-1:COUNT` per password, sorted. No request leaves the instance.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if settings.BREACHED_PASSWORDS_FILE and is_in_file(password, Path(settings.BREACHED_PASSWORDS_FILE)):
            raise ValidationError(
                _("This password is known from a data breach. Choose another one."), code="password_breached"
            )

    def get_help_text(self) -> str:
        return ""


def is_common(password: str) -> bool:
    """Return True if the password is in the list of frequent passwords, whatever its case."""
    return _digest(password.lower()) in _common_digests()


def context_words() -> frozenset[str]:
    """Return the words, without accents and in lower case, of which no password may consist. One query."""
    names = [name for row in Department.objects.values_list("name", "slug") for name in row]
    words = (part for name in (*names, *settings.PASSWORD_CONTEXT_WORDS) for part in re.split(r"\W+", _plain(name)))
    return frozenset(CONTEXT_WORDS.read_text().split()) | {word for word in words if len(word) >= SHORTEST_WORD}


def consists_of_words(password: str, words: frozenset[str]) -> bool:
    """Return True if little is left of a password without the words and years, also if digits stand for letters."""
    expression = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
    plain = _plain(password)
    for text in (plain, plain.translate(SUBSTITUTED_LETTERS)):
        rest, number = expression.subn("", text)
        if number and len(re.sub(r"[\W_]", "", YEAR.sub("", rest))) < SHORTEST_REST:
            return True
    return False


def is_in_file(password: str, path: Path) -> bool:
    """Return True if a sorted file of lines `SHA-1:COUNT` has the password. About 40 reads for a billion lines."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            line = _line_after(file, middle)
            if line and line[: len(wanted)].upper() < wanted:
                low = middle + 1
            else:
                high = middle
        return _line_after(file, low)[: len(wanted)].upper() == wanted


def _line_after(file: Any, offset: int) -> bytes:
    """Return the first whole line that starts at the offset or after it; b"" after the last one."""
    if offset:
        file.seek(offset - 1)
        file.readline()
    else:
        file.seek(0)
    line: bytes = file.readline()
    return line


def _plain(text: str) -> str:
    decomposed = normalise("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:HASH_BYTES]


@cache
def _common_digests() -> frozenset[bytes]:
    content = COMMON_PASSWORDS.read_bytes()
    return frozenset(content[start : start + HASH_BYTES] for start in range(0, len(content), HASH_BYTES))

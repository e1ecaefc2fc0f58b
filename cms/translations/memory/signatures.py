"""Signatures of texts (MinHash, Broder 1997): similar texts have bands in common, which a database can index."""

from __future__ import annotations

import hashlib
import random
from typing import NamedTuple
from zlib import crc32

GRAM = 4
BANDS = 24
# Hash values in a band. Of French texts with a similarity of 70 to 74 percent, 95 of 100 have a band in common; of more
# similar ones, nearly all.
ROWS = 2
WORD_BITS = 0xFFFFFFFF
# Spreads the bits of a CRC, which is linear.
MULTIPLIER = 0x9E3779B1
# Stored bands depend on these numbers.
_numbers = random.Random(0)  # noqa: S311 (no secret)
MASKS = tuple(_numbers.getrandbits(32) for _number in range(BANDS * ROWS))


class Scope(NamedTuple):
    """A department and a pair of languages, by their keys: the texts that are compared with each other."""

    department: int
    source_locale: int
    target_locale: int


def digest_of(html: str) -> str:
    """Return the digest by which equal texts are found: 32 hexadecimal digits."""
    return hashlib.blake2b(html.encode(), digest_size=16).hexdigest()


def signature_of(text: str) -> tuple[int, ...]:
    """Return the smallest hash value of the character n-grams of a plain text under each of `MASKS`.

    Case and white space do not count.
    """
    folded = f" {' '.join(text.casefold().split())} "
    grams = {folded[start : start + GRAM] for start in range(max(1, len(folded) - GRAM + 1))}
    hashes = [crc32(gram.encode()) * MULTIPLIER & WORD_BITS for gram in grams]
    return tuple(min(map(mask.__xor__, hashes)) ^ mask for mask in MASKS)


def bands_of(signature: tuple[int, ...], scope: Scope) -> list[int]:
    """Return the numbers of the bands of a signature, as signed integers of 64 bits. Each scope has its own."""
    bands = []
    for number in range(BANDS):
        rows = signature[number * ROWS : (number + 1) * ROWS]
        key = repr((*scope, number, *rows)).encode()
        bands.append(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), signed=True))
    return bands

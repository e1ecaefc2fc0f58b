"""Validation of primary keys: databases fail on numbers beyond the largest that they store."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LARGEST_KEY = 2**63 - 1


def is_beyond_keys(value: object) -> bool:
    """Return True for a number, or a text of digits, that no primary key can be."""
    if isinstance(value, int):
        return abs(value) > LARGEST_KEY
    digits = value.strip().lstrip("+-") if isinstance(value, str) else ""
    # Python refuses to convert some thousand digits.
    return digits.isdecimal() and (len(digits) > len(str(LARGEST_KEY)) or int(digits) > LARGEST_KEY)


def refuse_impossible_key(value: object) -> None:
    """Raise ValidationError for a number that no primary key can be."""
    if is_beyond_keys(value):
        shown = str(value)[:20] if isinstance(value, str) else "…"
        raise ValidationError(_("“%(value)s” is not the number of an object."), "invalid_choice", {"value": shown})

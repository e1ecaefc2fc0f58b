"""The states of a translated segment."""

from __future__ import annotations

from enum import StrEnum


class SegmentState(StrEnum):
    """State of the translation of a segment."""

    UNTRANSLATED = "untranslated"
    OUTDATED = "outdated"  # The translation of a former source text.
    MACHINE = "machine"
    TRANSLATED = "translated"

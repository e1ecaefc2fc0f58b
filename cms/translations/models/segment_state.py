"""The states of a translated segment."""

from __future__ import annotations

from enum import StrEnum


class SegmentState(StrEnum):
    """State of the translation of a segment."""

    UNTRANSLATED = "untranslated"
    OUTDATED = "outdated"  # The translation of a former source text.
    MACHINE = "machine"  # The text of a machine that nobody has checked.
    OUTDATED_MACHINE = "outdated_machine"  # Such a text of a former source text.
    TRANSLATED = "translated"


OUTDATED_STATES = frozenset((SegmentState.OUTDATED, SegmentState.OUTDATED_MACHINE))
MACHINE_STATES = frozenset((SegmentState.MACHINE, SegmentState.OUTDATED_MACHINE))

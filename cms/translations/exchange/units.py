"""The content of translation files: units with their states, and the units that a reader refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

UNKNOWN_ORDER = -1


class UnitState(Enum):
    """The state of a translation, as CAT tools show it."""

    UNTRANSLATED = "untranslated"
    NEEDS_EDITING = "needs editing"
    TRANSLATED = "translated"
    APPROVED = "approved"


@dataclass(frozen=True)
class Unit:
    """One segment: `context` is its path, `order` its position in the content, the texts are canonical HTML.

    `source` is not blank. `target` is empty if the state is UNTRANSLATED, else not blank. The former texts are those
    before the source changed; a former target needs a former source. `note` has no empty lines, and no white space at
    the ends of its lines. `max_length` counts characters. `order` is UNKNOWN_ORDER if a PO file does not state it.
    `line` is that of the file from which the unit was read, else 0; units are equal without it.
    """

    context: str
    order: int
    source: str
    target: str
    state: UnitState
    former_source: str = ""
    former_target: str = ""
    note: str = ""
    max_length: int | None = None
    line: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ValueError("A unit needs a source text.")
        if self.target if self.state is UnitState.UNTRANSLATED else not self.target.strip():
            raise ValueError("A unit has a target text if, and only if, it is translated.")
        if self.former_target and not self.former_source:
            raise ValueError("A former target needs its source.")


@dataclass(frozen=True)
class ExchangeFile:
    """The units of one translation. `translation_id` is the UUID of wagtail-localize's Translation."""

    translation_id: str
    title: str
    source_language: str
    target_language: str
    source_revision: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class RefusedUnit:
    """A unit that a reader leaves out: the line of the file, what is known of the unit, and the reason for people."""

    line: int
    context: str
    source: str
    reason: str


@dataclass(frozen=True)
class ReadFile:
    """One translation of a file that was read, and the units that were refused."""

    content: ExchangeFile
    refused: tuple[RefusedUnit, ...] = ()


class UnitFaultError(Exception):
    """Raised by a reader for a unit that it refuses. Its argument is the reason, translated."""


def units_by_text(units: Iterable[Unit]) -> dict[tuple[str, str], list[Unit]]:
    """Return the units by (context, source): wagtail-localize stores one translation for each of these keys."""
    found = defaultdict(list)
    for unit in units:
        found[unit.context, unit.source].append(unit)
    return found

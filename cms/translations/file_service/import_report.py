"""The report about the units of an imported file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cms.translations.exchange.units import RefusedUnit


class Outcome(StrEnum):
    """The result for one unit. A text that replaces an outdated or machine translation is CHANGED."""

    ACCEPTED = "accepted"  # A first translation, or the confirmation of an outdated or machine one.
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class UnitReport:
    """A text of the file, the line of its first unit, and the reason if it was refused."""

    line: int
    context: str
    source: str
    outcome: Outcome
    reason: str = ""

    @classmethod
    def refused(cls, unit: RefusedUnit) -> UnitReport:
        """Return the report of a unit that the reader has refused."""
        return cls(unit.line, unit.context, unit.source, Outcome.REFUSED, unit.reason)


@dataclass(frozen=True)
class TranslationReport:
    """One translation of a file, with its texts in the order of the lines."""

    title: str
    language: str
    units: tuple[UnitReport, ...]

    def number(self, outcome: Outcome) -> int:
        """Return the number of texts with an outcome."""
        return sum(unit.outcome is outcome for unit in self.units)

    @property
    def fits(self) -> bool:
        """True if at least one text was not refused."""
        return any(unit.outcome is not Outcome.REFUSED for unit in self.units)

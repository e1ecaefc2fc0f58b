"""The ranking factors of `ranking.toml`."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cms.content_types.registry import find_document_type
from search.search_documents import SearchDocument

FILE = Path(__file__).with_name("ranking.toml")
# Freshness is the age at this fixed day. Content that is published later has the whole bonus.
REFERENCE_DAY = datetime.date(2030, 1, 1)


@dataclass(frozen=True)
class Ranking:
    """The factors of the file, which its comments explain."""

    fields: dict[str, float]
    words: dict[str, float]
    freshness: dict[str, float]
    past: float
    fallback: float

    def weight(self, document: SearchDocument) -> float:
        """Return the factor that depends on the document alone: its type and its freshness.

        The age is counted from a fixed day: the order of two documents stays the same from day to day, so the factor
        can be stored in the index.
        """
        document_type = find_document_type(document.type)
        weight = document_type.search.weight if document_type and document_type.search else 1.0
        if document.published_at is not None:
            age = (REFERENCE_DAY - document.published_at.date()).days
            weight *= 1 + self.freshness["bonus"] * 2 ** (-max(age, 0) / self.freshness["half_life_days"])
        return weight


@cache
def ranking() -> Ranking:
    """Return the factors. Raises KeyError with the name of a factor that the file lacks."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Ranking(
        fields=data["fields"],
        words=data["words"],
        freshness=data["freshness"],
        past=data["past"]["factor"],
        fallback=data["fallback"]["factor"],
    )

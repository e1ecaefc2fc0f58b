"""The judged queries, and the nDCG of a ranking."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .library import LANGUAGES, library_documents

FOLDER = Path(__file__).parent
# The grade of each list of a judgment.
GRADES = {"best": 3, "good": 2, "fair": 1}
DEPTH = 10


@dataclass(frozen=True)
class JudgedQuery:
    """A query with grades from 1 to 3 by content key; all other contents have grade 0."""

    q: str
    locale: str
    category: str
    grades: dict[str, int]


def judged_queries(folder: str = "queries") -> Iterator[JudgedQuery]:
    """Yield the queries of a folder. Raises ValueError for a judgment that matches no content of the library."""
    for locale in LANGUAGES:
        data = tomllib.loads((FOLDER / folder / f"{locale}.toml").read_text(encoding="utf-8"))
        for entry in data["query"]:
            grades: dict[str, int] = {}
            for name, grade in GRADES.items():
                for wanted in entry.get(name, ()):
                    keys = _keys(wanted)
                    if not keys:
                        raise ValueError(f"{locale}: “{entry['q']}”: nothing in the library is {wanted}")
                    for key in keys:
                        grades.setdefault(key, grade)
            yield JudgedQuery(entry["q"], locale, entry["category"], grades)


def _keys(wanted: str) -> list[str]:
    """Return the keys of the contents of a judgment: one key, or all with facts (`type=event theme=ageing`)."""
    if "=" not in wanted:
        return [text.key for text in library_documents() if text.key == wanted][:1]
    facts = dict(pair.split("=") for pair in wanted.split())
    return [
        text.key
        for text in library_documents()
        if text.locale == LANGUAGES[0]
        and {"type": text.type, "department": text.department, **text.facts}.items() >= facts.items()
    ]


def ndcg(found: Sequence[str], grades: dict[str, int], depth: int = DEPTH) -> float:
    """Return the normalised discounted cumulative gain of the first contents, from 0 to 1.

    Järvelin and Kekäläinen's measure with gains of 2^grade - 1. A content that is found twice counts once.
    """
    gained = _gain([grades.get(key, 0) for key in dict.fromkeys(found)][:depth])
    return gained / _gain(sorted(grades.values(), reverse=True)[:depth])


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))

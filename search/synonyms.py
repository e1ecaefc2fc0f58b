"""Other names of the same thing: files of `synonyms/`, one for each language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .analysis.tokens import tokens

FOLDER = Path(__file__).with_name("synonyms")


@dataclass(frozen=True)
class Synonyms:
    """Groups of names of one language, as terms: a sequence of terms leads to the others of its group."""

    others: dict[tuple[str, ...], tuple[tuple[str, ...], ...]]
    longest: int

    def at(self, terms: tuple[str, ...], start: int) -> tuple[int, tuple[tuple[str, ...], ...]]:
        """Return how many terms from `start` on are a name with others, the most possible, and those others."""
        for length in range(min(self.longest, len(terms) - start), 0, -1):
            if others := self.others.get(terms[start : start + length]):
                return length, others
        return 0, ()


def read_groups(language_code: str) -> list[list[str]]:
    """Return the groups of a language's file; [] for a language without one.

    A line is a group: names separated by commas. `#` begins a comment.
    """
    path = FOLDER / f"{language_code}.txt"
    if not path.exists():
        return []
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [[name.strip() for name in line.split(",") if name.strip()] for line in lines if line]


def compile_groups(groups: list[list[str]], language_code: str) -> Synonyms:
    """Return the groups as terms of the language."""
    others: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    for group in groups:
        names = [tuple(token.term for token in tokens(name, language_code)) for name in group]
        names = [name for name in names if name]
        for name in names:
            others.setdefault(name, {}).update(dict.fromkeys(other for other in names if other != name))
    return Synonyms({name: tuple(found) for name, found in others.items()}, max(map(len, others), default=0))


@cache
def synonyms_of(language_code: str) -> Synonyms:
    """Return the synonyms of a language."""
    return compile_groups(read_groups(language_code), language_code)

"""Synonyms of each language: the files of `vocabulary/`, and the table that administrators edit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

from .tokens import tokens

FOLDER = Path(__file__).with_name("vocabulary")
SEPARATORS = re.compile(r"[,;\n]")

Groups = list[list[str]]


@dataclass(frozen=True)
class Synonyms:
    """The synonyms of one language. `others` maps the terms of a name to those of the other names of its groups.

    `written` maps the terms of a name to its text, and `longest` is the largest number of terms of a name.
    """

    others: dict[tuple[str, ...], tuple[tuple[str, ...], ...]]
    written: dict[tuple[str, ...], str]
    longest: int

    def names_at(self, terms: tuple[str, ...], start: int) -> Iterator[tuple[int, tuple[tuple[str, ...], ...]]]:
        """Yield (length, terms of its synonyms) for each name that starts at term `start`, longest first."""
        for length in range(min(self.longest, len(terms) - start), 0, -1):
            if others := self.others.get(terms[start : start + length]):
                yield length, others


@dataclass(frozen=True)
class SynonymTable:
    """The groups of the database by language, with their cache version, and the synonyms compiled from them."""

    version: UUID | None = None
    groups: dict[str, Groups] = field(default_factory=dict)
    compiled: dict[str, Synonyms] = field(default_factory=dict)


# Replaced as a whole, so that a search in another thread continues with the table that it started with.
_table = SynonymTable()


def synonyms_of(language_code: str) -> Synonyms:
    """Return the synonyms of a language as of the last call of `refresh_synonyms`."""
    table = _table
    synonyms = table.compiled.get(language_code)
    if synonyms is None:
        groups = [*synonym_groups_in_file(language_code), *table.groups.get(language_code, [])]
        synonyms = table.compiled[language_code] = compile_groups(groups, language_code)
    return synonyms


def refresh_synonyms(version: UUID | None, read: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Read the groups of the database again if their cache version has changed.

    `read` returns (language, names) of each group. The caller reads the version first, so that the groups are at least
    as new as the version.
    """
    global _table
    if version == _table.version:
        return
    groups: defaultdict[str, Groups] = defaultdict(list)
    for language_code, names in read():
        groups[language_code].append(split_names(names))
    _table = SynonymTable(version, dict(groups))


def split_names(text: str) -> list[str]:
    """Return names that are separated by commas, semicolons or line ends, with single spaces inside each."""
    names = (" ".join(name.split()) for name in SEPARATORS.split(text))
    return [name for name in names if name]


def name_terms(name: str, language_code: str) -> tuple[str, ...]:
    """Return the index terms of a name; () for a name of stop words only."""
    return tuple(token.term for token in tokens(name, language_code))


@cache
def synonym_groups_in_file(language_code: str) -> Groups:
    """Return the groups of a language's file; [] for a language without a file.

    Each line is a group of names separated by commas. `#` starts a comment.
    """
    path = FOLDER / f"{language_code}.txt"
    if not path.exists():
        return []
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [split_names(line) for line in lines if line]


def compile_groups(groups: Groups, language_code: str) -> Synonyms:
    """Return groups of names as index terms of a language."""
    others: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    written: dict[tuple[str, ...], str] = {}
    for group in groups:
        # Reversed, so that the first of several names with the same terms gives the text.
        names = {terms: name for name in reversed(group) if (terms := name_terms(name, language_code))}
        written |= names
        for terms in names:
            others.setdefault(terms, {}).update(dict.fromkeys(other for other in names if other != terms))
    longest = max(map(len, others), default=0)
    return Synonyms({terms: tuple(group) for terms, group in others.items()}, written, longest)

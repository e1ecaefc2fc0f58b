"""Other names of the same thing: files of `synonyms/`, one a language, and the table of the admin beside them."""

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
    """Groups of names of one language, as terms: a sequence of terms leads to the others of its group.

    `written` has each name as somebody wrote it.
    """

    others: dict[tuple[str, ...], tuple[tuple[str, ...], ...]]
    written: dict[tuple[str, ...], str]
    longest: int

    def names_at(self, terms: tuple[str, ...], start: int) -> Iterator[tuple[int, tuple[tuple[str, ...], ...]]]:
        """Yield how many terms from `start` on are a name with others, the most possible first, and those others."""
        for length in range(min(self.longest, len(terms) - start), 0, -1):
            if others := self.others.get(terms[start : start + length]):
                yield length, others


@dataclass(frozen=True)
class SynonymTable:
    """The groups of the admin as this process read them last, by language, and what was compiled of them."""

    version: UUID | None = None
    groups: dict[str, Groups] = field(default_factory=dict)
    compiled: dict[str, Synonyms] = field(default_factory=dict)


# Replaced as a whole: threads that are searching go on with the one they have.
_table = SynonymTable()


def synonyms_of(language_code: str) -> Synonyms:
    """Return the synonyms of a language, as of the last `refresh`."""
    table = _table
    found = table.compiled.get(language_code)
    if found is None:
        found = compile_groups(
            [*synonym_groups_in_file(language_code), *table.groups.get(language_code, [])], language_code
        )
        table.compiled[language_code] = found
    return found


def refresh_synonyms(mark: UUID | None, read: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Take over the groups of the admin if their mark is another than last time.

    `read` returns (language, names) of each group; the caller has read the mark before, so that what is read is at
    least as new as the mark.
    """
    global _table
    if mark == _table.version:
        return
    groups: defaultdict[str, Groups] = defaultdict(list)
    for language_code, names in read():
        groups[language_code].append(split_names(names))
    _table = SynonymTable(mark, dict(groups))


def split_names(text: str) -> list[str]:
    """Return the names of a line: separated by commas, semicolons or line ends, single spaces inside."""
    names = (" ".join(name.split()) for name in SEPARATORS.split(text))
    return [name for name in names if name]


def name_terms(name: str, language_code: str) -> tuple[str, ...]:
    """Return a name as the terms by which it is found; () for one that has only stop words."""
    return tuple(token.term for token in tokens(name, language_code))


@cache
def synonym_groups_in_file(language_code: str) -> Groups:
    """Return the groups of a language's file; [] for a language without one.

    A line is a group: names separated by commas. `#` begins a comment.
    """
    path = FOLDER / f"{language_code}.txt"
    if not path.exists():
        return []
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [split_names(line) for line in lines if line]


def compile_groups(groups: Groups, language_code: str) -> Synonyms:
    """Return the groups as terms of the language."""
    others: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    written: dict[tuple[str, ...], str] = {}
    for group in groups:
        names = {terms: each for each in reversed(group) if (terms := name_terms(each, language_code))}
        written |= names
        for name in names:
            others.setdefault(name, {}).update(dict.fromkeys(other for other in names if other != name))
    return Synonyms({name: tuple(found) for name, found in others.items()}, written, max(map(len, others), default=0))

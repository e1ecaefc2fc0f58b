"""The words of the field in several languages: a query in one finds what is written in another."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from .analysis.tokens import tokens

FOLDER = Path(__file__).with_name("synonyms")
FILE = FOLDER / "glossary.toml"
# What people say who tell what they need: it leads to the names of an entry, and nothing leads to it.
SAID = FOLDER / "said.toml"


@dataclass(frozen=True)
class Written:
    """A name as it is written and as the terms that it is found by."""

    text: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Glossary:
    """The names of one language: by entry, and the entries by terms."""

    names: dict[str, tuple[Written, ...]]
    entries: dict[tuple[str, ...], tuple[str, ...]]

    def at(self, terms: tuple[str, ...], start: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield how many terms from `start` on are a name, the most possible first, and the entries that have it."""
        for length in range(min(self._longest, len(terms) - start), 0, -1):
            if entries := self.entries.get(terms[start : start + length]):
                yield length, entries

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.entries), default=0)


@cache
def glossary(language_code: str) -> Glossary:
    """Return the names of a language; none for one that the file does not have."""
    return _read(FILE, language_code)


@cache
def said(language_code: str) -> Glossary:
    """Return what people say in a language for the entries of the glossary; nothing for one that the file has not."""
    return _read(SAID, language_code)


def _read(file: Path, language_code: str) -> Glossary:
    names: dict[str, tuple[Written, ...]] = {}
    entries: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for entry, by_language in _entries(file).items():
        written = [
            Written(text, terms)
            for text in by_language.get(language_code.partition("-")[0], ())
            if (terms := tuple(token.term for token in tokens(text, language_code)))
        ]
        names[entry] = tuple(written)
        for name in dict.fromkeys(each.terms for each in written):
            entries[name].append(entry)
    return Glossary(names, {terms: tuple(found) for terms, found in entries.items()})


@cache
def _entries(file: Path) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))

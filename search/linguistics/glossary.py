"""The words of the field in several languages: a query in one finds what is written in another."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from .tokens import Token, fold, tokens

FOLDER = Path(__file__).with_name("vocabulary")
GLOSSARY_FILE = FOLDER / "glossary.toml"
# What people say who tell what they need: it leads to the names of an entry, and nothing leads to it.
PARAPHRASES_FILE = FOLDER / "paraphrases.toml"
# Words that have one stem are one word only if so many letters are the same, for stems of two words meet by chance. In
# the language of the query "repas" is not "répit", nor "salute" "salario"; a letter more would part "lapsi" from
# "lapsen". In the language of a document it is not "posti" for "poste"; in others not "lecture" for "lecturer", but
# "lastensuojelussa".
SHARED_PREFIX = 4
SHARED_PREFIX_IN_DOCUMENT_LANGUAGE = 5
SHARED_PREFIX_IN_OTHER_LANGUAGES = 8
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class GlossaryName:
    """A name as it is written, as the terms that it is found by, and as its words without accents.

    Of several words of which all but one are stop words, "pas d’amis", all are one: the one that is left says less.
    """

    text: str
    terms: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class TokenizedQuery:
    """Words of a query as terms and without accents, and `every` word of it, stop words too."""

    terms: tuple[str, ...]
    words: tuple[str, ...]
    all_words: tuple[str, ...]


def tokenize_query(text: str, found: Sequence[Token]) -> TokenizedQuery:
    """Return a query as names are looked up in it; `found` are its tokens in one language."""
    return TokenizedQuery(
        tuple(token.term for token in found), tuple(token.folded for token in found), _every_word(text)
    )


@dataclass(frozen=True)
class Glossary:
    """The names of one language: by entry, and the entries by terms, each with the words that have a single term."""

    names: dict[str, tuple[GlossaryName, ...]]
    entries: dict[tuple[str, ...], dict[str, tuple[str, ...]]]

    def names_at(
        self, asked: TokenizedQuery, start: int, *, letters: int = SHARED_PREFIX
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield how many terms from `start` on are a name, the most possible first, and the entries that have it.

        A name of one term must have the same word, or one with so many first `letters`. If stop words made it
        one, all its words must stand there.
        """
        for length in range(min(self._longest, len(asked.terms) - start), 0, -1):
            entries = self.entries.get(asked.terms[start : start + length])
            if not entries:
                continue
            if length > 1:
                yield length, tuple(entries)
            elif found := tuple(entry for entry, own in entries.items() if _is_one_of(start, own, asked, letters)):
                yield length, found

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.entries), default=0)


def _every_word(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(fold(text)))


def _is_one_of(place: int, others: Iterable[str], asked: TokenizedQuery, letters: int) -> bool:
    """Whether a word is one of those that have its stem or a form of one, or stands with all that one has."""
    return any(
        _stands_in(other.split(), asked.all_words) if " " in other else _is_same(asked.words[place], other, letters)
        for other in others
    )


def _is_same(word: str, other: str, letters: int) -> bool:
    # Plurals of short words, "ado" and "ados", are looked for in the language of the query only.
    same = min(letters, len(word), len(other)) if letters == SHARED_PREFIX else letters
    return word[:same] == other[:same]


def _stands_in(words: list[str], every: tuple[str, ...]) -> bool:
    # In any form, "non vedenti" for "non vedente"; short words, of which most are stop words, as they are.
    begun, asked = [word[:SHARED_PREFIX] for word in words], [word[:SHARED_PREFIX] for word in every]
    return any(begun == asked[start : start + len(begun)] for start in range(len(asked)))


@cache
def glossary(language_code: str) -> Glossary:
    """Return the names of a language; none for one that the file does not have."""
    return _read(GLOSSARY_FILE, language_code)


@cache
def paraphrases(language_code: str) -> Glossary:
    """Return what people say in a language for the entries of the glossary; nothing for one that the file has not."""
    return _read(PARAPHRASES_FILE, language_code)


def _read(file: Path, language_code: str) -> Glossary:
    names: dict[str, tuple[GlossaryName, ...]] = {}
    entries: defaultdict[tuple[str, ...], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for entry, by_language in _entries(file).items():
        written = [
            each
            for text in by_language.get(language_code.partition("-")[0], ())
            if (each := _written(text, language_code)).terms
        ]
        names[entry] = tuple(written)
        for each in written:
            entries[each.terms][entry] = (*entries[each.terms].get(entry, ()), *each.words)
    return Glossary(names, dict(entries))


def _written(text: str, language_code: str) -> GlossaryName:
    found = list(tokens(text, language_code))
    # A point inside of a word parts nothing: "assistant·e·s" is one word.
    is_reduced = len(found) == 1 and " " in text.replace("’", " ")
    words = (" ".join(_every_word(text)),) if is_reduced else tuple(token.folded for token in found)
    return GlossaryName(text, tuple(token.term for token in found), words)


@cache
def _entries(file: Path) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))

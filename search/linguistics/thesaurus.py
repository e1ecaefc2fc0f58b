"""The multilingual thesaurus: a query in one language finds documents written in another."""

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
THESAURUS_FILE = FOLDER / "thesaurus.toml"
# Everyday wordings of a need. They lead to the names of a thesaurus entry; no name leads to them.
PARAPHRASES_FILE = FOLDER / "paraphrases.toml"
# Two different words may have the same stem. They count as one word only if this many first letters are equal. In the
# language of the query, 4 separates "repas" from "répit" and "salute" from "salario", and 5 would separate "lapsi" from
# "lapsen". In the language of a document, 5 separates "posti" from "poste". In other languages, 8 separates "lecture"
# from "lecturer" and still accepts "lastensuojelussa".
SHARED_PREFIX = 4
SHARED_PREFIX_IN_DOCUMENT_LANGUAGE = 5
SHARED_PREFIX_IN_OTHER_LANGUAGES = 8
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class ThesaurusName:
    """A name of an entry: its text, its index terms and its words without accents.

    `words` includes the stop words of a name that has only one other word ("pas d’amis"): that word alone would match
    too many queries.
    """

    text: str
    terms: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class TokenizedQuery:
    """A query as terms, as the same words without accents, and as `all_words`, which includes stop words."""

    terms: tuple[str, ...]
    words: tuple[str, ...]
    all_words: tuple[str, ...]


def tokenize_query(text: str, query_tokens: Sequence[Token]) -> TokenizedQuery:
    """Return a query in the form in which a thesaurus looks names up; `query_tokens` are its tokens in one language."""
    return TokenizedQuery(
        tuple(token.term for token in query_tokens), tuple(token.folded for token in query_tokens), _all_words(text)
    )


@dataclass(frozen=True)
class Thesaurus:
    """The names of one language.

    `names` has them by entry. `entries` has, by the terms of a name, the entries with that name and the words from
    which these terms were made.
    """

    names: dict[str, tuple[ThesaurusName, ...]]
    entries: dict[tuple[str, ...], dict[str, tuple[str, ...]]]

    def names_at(
        self, query: TokenizedQuery, start: int, *, prefix_length: int = SHARED_PREFIX
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield (length, entries) for each thesaurus name that starts at term `start`, longest first.

        A name of one term must share its first `prefix_length` letters with the word of the query. If the name has stop
        words besides, the query must contain all its words.
        """
        for length in range(min(self._longest, len(query.terms) - start), 0, -1):
            entries = self.entries.get(query.terms[start : start + length])
            if not entries:
                continue
            if length > 1:
                yield length, tuple(entries)
            elif matching := tuple(
                entry for entry, words in entries.items() if _matches_any(start, words, query, prefix_length)
            ):
                yield length, matching

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.entries), default=0)


def _all_words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(fold(text)))


def _matches_any(position: int, names: Iterable[str], query: TokenizedQuery, prefix_length: int) -> bool:
    """Return True if the word at a position is one of the names, or the query contains a name of several words."""
    return any(
        _contains(query.all_words, name.split())
        if " " in name
        else _shares_prefix(query.words[position], name, prefix_length)
        for name in names
    )


def _shares_prefix(word: str, other: str, prefix_length: int) -> bool:
    # Short words such as "ado" and "ados" are compared over their whole length, in the language of the query only.
    length = min(prefix_length, len(word), len(other)) if prefix_length == SHARED_PREFIX else prefix_length
    return word[:length] == other[:length]


def _contains(query_words: Sequence[str], name_words: Sequence[str]) -> bool:
    # Prefixes accept inflected forms, "non vedenti" for "non vedente"; short words, mostly stop words, must be equal.
    name_prefixes = [word[:SHARED_PREFIX] for word in name_words]
    query_prefixes = [word[:SHARED_PREFIX] for word in query_words]
    return any(
        name_prefixes == query_prefixes[start : start + len(name_prefixes)] for start in range(len(query_prefixes))
    )


@cache
def thesaurus(language_code: str) -> Thesaurus:
    """Return the thesaurus names of a language; an empty thesaurus for a language that the file does not contain."""
    return _load(THESAURUS_FILE, language_code)


@cache
def paraphrases(language_code: str) -> Thesaurus:
    """Return the everyday wordings of thesaurus entries in a language; empty if the file does not contain it."""
    return _load(PARAPHRASES_FILE, language_code)


def _load(file: Path, language_code: str) -> Thesaurus:
    names: dict[str, tuple[ThesaurusName, ...]] = {}
    entries: defaultdict[tuple[str, ...], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for entry, texts_by_language in _file_entries(file).items():
        entry_names = [
            name
            for text in texts_by_language.get(language_code.partition("-")[0], ())
            if (name := _thesaurus_name(text, language_code)).terms
        ]
        names[entry] = tuple(entry_names)
        for name in entry_names:
            entries[name.terms][entry] = (*entries[name.terms].get(entry, ()), *name.words)
    return Thesaurus(names, dict(entries))


def _thesaurus_name(text: str, language_code: str) -> ThesaurusName:
    name_tokens = list(tokens(text, language_code))
    # Only spaces separate words here: "assistant·e·s" is one word.
    has_stop_words = len(name_tokens) == 1 and " " in text.replace("’", " ")
    words = (" ".join(_all_words(text)),) if has_stop_words else tuple(token.folded for token in name_tokens)
    return ThesaurusName(text, tuple(token.term for token in name_tokens), words)


@cache
def _file_entries(file: Path) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))

"""Finds the terms of a glossary in an original, and those that are missing in its translation.

No stemmer is used, so that every language works alike. Two words of an original are the same if more than 70 % of the
longer one are their common beginning: "travailleurs sociaux" has "travailleur social", but "éducation" is not
"éducateur". In the translation, where each miss is a warning, the first 60 % of each longer word of the term suffice,
also inside a compound: "työntekijöiden" has "työntekijä".
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from sites.unicode_forms import normalise

WORD = re.compile(r"[^\W\d_]+")
SLASH = re.compile(r"\s*/\s*")
SAME_BEGINNING = 0.7
ROOT = 0.6
# Shorter words must be equal. In a translation they are not required beside longer ones, since articles vary.
MIN_LENGTH_OF_INFLECTED = 4
BUCKET = 3
# A longer text is not searched, as it has no other check of quality.
MAX_LENGTH_TO_SEARCH = 10_000
# The numbers of alternatives and translations of a term that are compared.
MAX_FORMS = 10
MAX_TRANSLATIONS = 10
# The comparisons for all texts of one translation: about a second. Beyond it no term is found or reported missing.
MAX_COMPARISONS = 500_000
# The search for a word in this many characters costs as much as the comparison of two words.
CHARACTERS_OF_COMPARISON = 500

Words = tuple[str, ...]


@dataclass(frozen=True)
class TermTranslation:
    """A term of a glossary with one translation and a note, which may be ""."""

    source: str
    target: str
    note: str = ""

    @property
    def first_form(self) -> str:
        """The first of the alternatives of the translation, as people insert it."""
        return SLASH.split(self.target)[0] or self.target


@dataclass
class Comparisons:
    """The number of comparisons that are left for a translation."""

    left: int = MAX_COMPARISONS

    def use(self, number: int) -> bool:
        """Take comparisons away; return False if there are none left."""
        self.left -= number
        return self.left > 0


@dataclass(frozen=True)
class FoundTerm:
    """A term that an original has, with its translations in the order of the glossary."""

    source: str
    translations: tuple[TermTranslation, ...]
    comparisons: Comparisons = field(default_factory=Comparisons, compare=False, repr=False)

    def is_in(self, target: str) -> bool:
        """Return True if a translated text, which is plain, has one of the translations of the term."""
        text = _between_spaces(target)
        searched = 1 + len(text) // CHARACTERS_OF_COMPARISON
        for alternative in self._translated_forms:
            if not self.comparisons.use(len(alternative) * searched) or _has_roots(text, alternative):
                return True
        return False

    @cached_property
    def _translated_forms(self) -> list[Words]:
        return [words for translation in self.translations for words in _alternatives(translation.target)]


class Glossary:
    """The terms of one pair of languages, prepared for a search in many texts."""

    def __init__(self, terms: Iterable[TermTranslation]) -> None:
        by_source: defaultdict[str, list[TermTranslation]] = defaultdict(list)
        for term in terms:
            by_source[term.source].append(term)
        self._comparisons = Comparisons()
        self._found = {
            source: FoundTerm(source, tuple(found[:MAX_TRANSLATIONS]), self._comparisons)
            for source, found in by_source.items()
        }
        self._by_beginning: defaultdict[str, list[tuple[Words, str]]] = defaultdict(list)
        for source in self._found:
            for words in _alternatives(source):
                self._by_beginning[words[0][:BUCKET]].append((words, source))
        for found in self._by_beginning.values():
            found.sort(key=lambda each: len(each[0]), reverse=True)
        # The terms whose first word a word of a text may be.
        self._by_word: dict[str, list[tuple[Words, str]]] = {}

    def terms_in(self, text: str) -> list[FoundTerm]:
        """Return the terms that a plain text has, in its order; of terms that overlap, the longest."""
        if not self._found or len(text) > MAX_LENGTH_TO_SEARCH:
            return []
        words = words_of(text)
        found: dict[str, FoundTerm] = {}
        position = 0
        while position < len(words):
            length, source = self._longest_at(words, position)
            if source:
                found.setdefault(source, self._found[source])
            position += max(1, length)
        return list(found.values())

    def _longest_at(self, words: Words, position: int) -> tuple[int, str]:
        for term, source in self._beginning_with(words[position]):
            if not self._comparisons.use(len(term)):
                break
            present = words[position : position + len(term)]
            if len(present) == len(term) and all(map(_is_same_word, present, term)):
                return len(term), source
        return 0, ""

    def _beginning_with(self, word: str) -> list[tuple[Words, str]]:
        if word not in self._by_word:
            near = self._by_beginning.get(word[:BUCKET], [])
            if not self._comparisons.use(len(near)):
                return []
            self._by_word[word] = [each for each in near if _is_same_word(word, each[0][0])]
        return self._by_word[word]


def words_of(text: str) -> Words:
    """Return the words of a text, which consist of letters, with their case folded."""
    return tuple(WORD.findall(normalise("NFC", text).casefold()))


@lru_cache(maxsize=4)
def _between_spaces(text: str) -> str:
    """Return the words of a text between spaces. All terms of an original are searched in one."""
    return f" {' '.join(words_of(text))} "


def _alternatives(term: str) -> list[Words]:
    """Return the words of each form of a term, which slashes divide; without forms that have no word."""
    return [words for form in SLASH.split(term, MAX_FORMS)[:MAX_FORMS] if (words := words_of(form))]


def _is_same_word(word: str, other: str) -> bool:
    if word == other or min(len(word), len(other)) < MIN_LENGTH_OF_INFLECTED:
        return word == other
    beginning = word[: math.floor(SAME_BEGINNING * max(len(word), len(other))) + 1]
    return beginning == other[: len(beginning)] and len(beginning) > SAME_BEGINNING * max(len(word), len(other))


def _has_roots(text: str, term: Sequence[str]) -> bool:
    """Return True if a text, which is words between spaces, has the words of a term."""
    inflected = [word for word in term if len(word) >= MIN_LENGTH_OF_INFLECTED] or term
    return all(_root(part) in text for part in inflected)


def _root(part: str) -> str:
    """Return the string that words between spaces contain if they have a word: its root, or a short word as it is."""
    if len(part) < MIN_LENGTH_OF_INFLECTED:
        return f" {part} "
    root = part[: max(MIN_LENGTH_OF_INFLECTED, math.ceil(ROOT * len(part)))]
    return root if len(root) > MIN_LENGTH_OF_INFLECTED else f" {root}"

"""Words that are known, and what somebody probably meant by one that is not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from rapidfuzz.distance import OSA

from .glossary import glossary, paraphrases
from .languages import language_of
from .tokens import Token, fold, tokens
from .word_list import WordList

# Letters of each of two words that were written as one.
SHORTEST_PART = 3
# Words of a text for which others are offered, and known words that are looked at for each: every look is a search.
MOST_MEANT = 4
MOST_LOOKED_AT = 3
NOT_LETTERS = re.compile(r"[\W_]+")


# Letters up to which a word may have no, one or two typing errors.
EXACT_UP_TO = 3
ONE_ERROR_UP_TO = 7


def allowed_errors(word: str) -> int:
    """Return how many letters of a word may be wrong, left out, too many or swapped."""
    if len(word) <= EXACT_UP_TO or word.isdigit():
        return 0
    return 1 if len(word) <= ONE_ERROR_UP_TO else 2


@dataclass(frozen=True)
class Lexicon:
    """Words of one language in how many documents they stand, found without regard to accents.

    People leave accents out when they type; the stem of a word needs them.
    """

    frequencies: dict[str, int]
    forms: dict[str, list[str]] = field(repr=False)
    folded: WordList = field(repr=False)

    @classmethod
    def from_frequencies(cls, frequencies: dict[str, int]) -> Lexicon:
        forms: defaultdict[str, list[str]] = defaultdict(list)
        for word in frequencies:
            forms[fold(word)].append(word)
        folded = WordList({each: sum(frequencies[word] for word in written) for each, written in forms.items()})
        return cls(frequencies, dict(forms), folded)

    def __contains__(self, folded: str) -> bool:
        return folded in self.forms

    def similar_words(self, folded: str, limit: int) -> list[str]:
        """Return the known words within as many typing errors as the length allows, the most probable first."""
        errors = allowed_errors(folded)
        found = self.folded.similar_words(folded, errors) if errors else []
        return self._written([each for each in found if allowed_errors(each)][:limit])

    def words_with_prefix(self, folded: str, limit: int) -> list[str]:
        """Return the most frequent words that go on from a prefix."""
        return self._written(self.folded.words_with_prefix(folded, limit))

    def words_with_similar_prefix(self, folded: str, limit: int) -> list[str]:
        """Return known words whose beginning is what was typed but for typing errors, the most probable first."""
        errors = allowed_errors(folded)
        return self._written(self.folded.words_with_similar_prefix(folded, errors)[:limit]) if errors else []

    def _written(self, folded: list[str]) -> list[str]:
        """Return each word in its most frequent way of writing."""
        return [max(self.forms[each], key=lambda word: (self.frequencies[word], word)) for each in folded]


def edit_distance(folded: str, word: str) -> int:
    """Return by how many typing errors a word differs from one without accents."""
    return int(OSA.distance(folded, fold(word)))


@cache
def language_vocabulary(code: str) -> Lexicon:
    """Return the words of the glossary and of what people say, and those that ask: known without any document."""
    names = [name.text for read in (glossary, paraphrases) for names in read(code).names.values() for name in names]
    names += language_of(code).question_words
    return Lexicon.from_frequencies(dict.fromkeys((token.word for name in names for token in tokens(name, code)), 1))


@cache
def joined_glossary_names(code: str) -> dict[str, str]:
    """Return the names of several words of the glossary by their letters alone: "sansabri" is "sans-abri"."""
    texts = [name.text for names in glossary(code).names.values() for name in names]
    letters = {text: "".join(NOT_LETTERS.split(fold(text))) for text in texts if NOT_LETTERS.search(text)}
    return {joined: text for text, joined in letters.items()}


class IndexVocabulary(Protocol):
    """What an index knows of words."""

    def is_written(self, folded: str) -> bool:
        """Whether a document has the word, in whatever language."""
        ...

    def has_stem(self, token: Token) -> bool:
        """Whether a document has another form of the word."""
        ...

    def nearest(self, folded: str) -> list[str]:
        """Return words of documents that differ by as many letters as may be wrong."""
        ...

    def candidates(self, folded: str, code: str) -> Sequence[str]:
        """Return words that documents of a language have or had and that are nearly the same, the best first."""
        ...


def correct_spelling(text: str, languages: Sequence[str], known: IndexVocabulary) -> str:
    """Return the text with every word that nobody knows replaced by the nearest known one, or by two that it joins.

    Names of several words and those of other languages are found only when they are spelt as they should.
    """
    for token in reversed(list(tokens(text, languages[0]))):
        if known.is_written(token.folded) or in_vocabulary(token.folded, languages):
            continue
        if name := next((each for code in languages if (each := joined_glossary_names(code).get(token.folded))), ""):
            text = text[: token.start] + name + text[token.end :]
            continue
        likely = [*known.nearest(token.folded)]
        likely += [word for code in languages for word in language_vocabulary(code).similar_words(token.folded, 1)]
        word = min(likely, key=lambda each: edit_distance(token.folded, each), default="")
        errors = edit_distance(token.folded, word) if word else 0
        if errors != 1:
            word = _two_words(token.folded, languages, known) or word
        # A form that no document has is more often right than misspelt by two letters.
        if word and (errors == 1 or not known.has_stem(token)):
            text = text[: token.start] + word + text[token.end :]
    return text


def suggest_correction(
    text: str, languages: Sequence[str], unknown: Sequence[Token], known: IndexVocabulary, written: Callable[[str], str]
) -> str:
    """Return the text with some words replaced by nearly the same ones of the first language; "" when there are none.

    `unknown` are the words that no document has. `written` says how documents that may be found write a word, "" when
    none of them has it: an index knows words of what was withdrawn for a while, and these are shown to nobody.
    """
    changed = text
    for token in reversed(unknown[:MOST_MEANT]):
        # What is known without a document, or found in another form, is right as it is.
        if in_vocabulary(token.folded, languages) or known.has_stem(token):
            continue
        if not all(_matters(token.word, code) for code in languages):
            continue
        forms = (written(each) for each in _likely(token.folded, languages[0], known))
        if word := next((form for form in forms if form and _matters(form, languages[0])), ""):
            changed = changed[: token.start] + word + changed[token.end :]
    return changed if changed != text else ""


def _likely(folded: str, code: str, known: IndexVocabulary) -> list[str]:
    """Return the few known words that a word most probably is."""
    errors = {word: edit_distance(folded, word) for word in known.candidates(folded, code) if _matters(word, code)}
    near = [word for word, number in errors.items() if number <= allowed_errors(folded) and allowed_errors(fold(word))]
    # The first letter is rarely wrong.
    return sorted(near, key=lambda word: (errors[word], fold(word)[:1] != folded[:1]))[:MOST_LOOKED_AT]


def _matters(word: str, code: str) -> bool:
    """Whether search looks at a word of a language: it is no stop word."""
    return any(True for _token in tokens(word, code))


def _two_words(folded: str, languages: Sequence[str], known: IndexVocabulary) -> str:
    """Return the two words that were written as one, the most alike in length; "" when there are none."""
    cuts = range(SHORTEST_PART, len(folded) - SHORTEST_PART + 1)
    for cut in sorted(cuts, key=lambda each: abs(2 * each - len(folded))):
        parts = folded[:cut], folded[cut:]
        if all(in_vocabulary(part, languages) or known.is_written(part) for part in parts):
            return " ".join(_as_written(part, languages) for part in parts)
    return ""


def in_vocabulary(folded: str, languages: Sequence[str]) -> bool:
    """Whether a word is one of the glossary's."""
    return any(folded in language_vocabulary(code) for code in languages)


def _as_written(folded: str, languages: Sequence[str]) -> str:
    return next(
        (language_vocabulary(code).forms[folded][0] for code in languages if folded in language_vocabulary(code)),
        folded,
    )

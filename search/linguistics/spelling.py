"""Spelling correction: the words that an index and the thesaurus contain, and corrections of other words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Protocol

from rapidfuzz.distance import OSA

from .languages import language_of
from .thesaurus import paraphrases, thesaurus
from .tokens import Token, fold, tokens
from .word_list import WordList

# Minimum length of each of two words that were written as one.
SHORTEST_PART = 3
# Limits of the words of a query that are corrected, and of the candidates for each: each candidate needs a search.
MAX_CORRECTED_WORDS = 4
MAX_CANDIDATES = 3
NOT_LETTERS = re.compile(r"[\W_]+")
# Length up to which a word may have no typing error, and up to which it may have one; a longer word may have two.
EXACT_UP_TO = 3
ONE_ERROR_UP_TO = 7


def allowed_errors(word: str) -> int:
    """Return how many letters of a word may be wrong, missing, added or swapped."""
    if len(word) <= EXACT_UP_TO or word.isdigit():
        return 0
    return 1 if len(word) <= ONE_ERROR_UP_TO else 2


@dataclass(frozen=True)
class Lexicon:
    """Words of one language with their document frequency, looked up without accents.

    People omit accents when they type, and a stemmer needs them: `forms` maps a word without accents to its spellings.
    """

    frequencies: dict[str, int]
    forms: dict[str, list[str]] = field(repr=False)
    folded: WordList = field(repr=False)

    @classmethod
    def from_frequencies(cls, frequencies: dict[str, int]) -> Lexicon:
        """Return a lexicon of words with the number of documents that contain each."""
        forms: defaultdict[str, list[str]] = defaultdict(list)
        for word in frequencies:
            forms[fold(word)].append(word)
        folded = WordList({folded: sum(frequencies[word] for word in spellings) for folded, spellings in forms.items()})
        return cls(frequencies, dict(forms), folded)

    def __contains__(self, folded: str) -> bool:
        return folded in self.forms

    def similar_words(self, folded: str, limit: int) -> list[str]:
        """Return the words within the typing errors that the length allows, the most probable first."""
        errors = allowed_errors(folded)
        similar = self.folded.similar_words(folded, errors) if errors else []
        return self._with_accents([word for word in similar if allowed_errors(word)][:limit])

    def words_with_prefix(self, folded: str, limit: int) -> list[str]:
        """Return the most frequent words that start with a prefix."""
        return self._with_accents(self.folded.words_with_prefix(folded, limit))

    def words_with_similar_prefix(self, folded: str, limit: int) -> list[str]:
        """Return the words whose start differs from a prefix by typing errors only, the most probable first."""
        errors = allowed_errors(folded)
        return self._with_accents(self.folded.words_with_similar_prefix(folded, errors)[:limit]) if errors else []

    def _with_accents(self, folded_words: list[str]) -> list[str]:
        """Return each word in its most frequent spelling."""
        return [max(self.forms[folded], key=lambda word: (self.frequencies[word], word)) for folded in folded_words]


def edit_distance(folded: str, word: str) -> int:
    """Return the number of typing errors between a word without accents and another word."""
    return int(OSA.distance(folded, fold(word)))


@cache
def language_vocabulary(code: str) -> Lexicon:
    """Return the words of the thesaurus, the paraphrases and the question words: correct without any document."""
    names = [name.text for load in (thesaurus, paraphrases) for names in load(code).names.values() for name in names]
    names += language_of(code).question_words
    return Lexicon.from_frequencies(dict.fromkeys((token.word for name in names for token in tokens(name, code)), 1))


@cache
def joined_thesaurus_names(code: str) -> dict[str, str]:
    """Return the thesaurus names of several words by their letters alone: "sansabri" gives "sans-abri"."""
    texts = [name.text for names in thesaurus(code).names.values() for name in names]
    letters = {text: "".join(NOT_LETTERS.split(fold(text))) for text in texts if NOT_LETTERS.search(text)}
    return {joined: text for text, joined in letters.items()}


def load_vocabularies(languages: Sequence[str]) -> None:
    """Read the word lists of some languages, which takes a second in a new process and no time afterwards.

    A search calls it before its time limit begins: the first one of a process would be given up.
    """
    for code in languages:
        language_vocabulary(code)
        joined_thesaurus_names(code)


class IndexVocabulary(Protocol):
    """The words of the documents of an index."""

    def has_word(self, folded: str) -> bool:
        """Return True if a document of any language contains the word."""
        ...

    def has_stem(self, token: Token) -> bool:
        """Return True if a document contains another form of the word."""
        ...

    def nearest(self, folded: str) -> list[str]:
        """Return words of documents within the typing errors that the length allows."""
        ...

    def candidates(self, folded: str, code: str) -> Sequence[str]:
        """Return similar words that documents of a language contain or have contained, the best first."""
        ...


def correct_spelling(text: str, languages: Sequence[str], index_vocabulary: IndexVocabulary) -> str:
    """Return the text with unknown words replaced by the nearest known word, or by the two words that they join.

    A word is known if a document or the vocabulary of one of the languages contains it. At most MAX_CORRECTED_WORDS
    words are replaced: each is compared with all words of the index.
    """
    unknown = (
        token
        for token in tokens(text, languages[0])
        if not (index_vocabulary.has_word(token.folded) or in_vocabulary(token.folded, languages))
    )
    for token in reversed(list(islice(unknown, MAX_CORRECTED_WORDS))):
        names = (joined_thesaurus_names(code).get(token.folded) for code in languages)
        if name := next(filter(None, names), ""):
            text = text[: token.start] + name + text[token.end :]
            continue
        similar = [*index_vocabulary.nearest(token.folded)]
        similar += [word for code in languages for word in language_vocabulary(code).similar_words(token.folded, 1)]
        correction = min(similar, key=lambda word: edit_distance(token.folded, word), default="")
        errors = edit_distance(token.folded, correction) if correction else 0
        if errors != 1:
            correction = _split_in_two(token.folded, languages, index_vocabulary) or correction
        # If documents contain another form, the word is more probably correct than two letters wrong.
        if correction and (errors == 1 or not index_vocabulary.has_stem(token)):
            text = text[: token.start] + correction + text[token.end :]
    return text


def suggest_correction(
    text: str,
    languages: Sequence[str],
    unknown: Sequence[Token],
    index_vocabulary: IndexVocabulary,
    public_spelling: Callable[[str], str],
) -> str:
    """Return the text with unknown words replaced by similar words of the first language; "" if none is replaced.

    `unknown` are the words that no document contains. `public_spelling` returns the spelling of a word in documents
    that the searcher may find, "" if none contains it: an index keeps words of withdrawn documents for a while, and
    these must not be shown.
    """
    corrected = text
    for token in reversed(unknown[:MAX_CORRECTED_WORDS]):
        # A word of the vocabulary, or one whose other forms documents contain, is correct.
        if in_vocabulary(token.folded, languages) or index_vocabulary.has_stem(token):
            continue
        if not all(_is_searched(token.word, code) for code in languages):
            continue
        spellings = (public_spelling(word) for word in _best_candidates(token.folded, languages[0], index_vocabulary))
        if word := next((word for word in spellings if word and _is_searched(word, languages[0])), ""):
            corrected = corrected[: token.start] + word + corrected[token.end :]
    return corrected if corrected != text else ""


def _best_candidates(folded: str, code: str, index_vocabulary: IndexVocabulary) -> list[str]:
    """Return the most probable corrections of a word, at most `MAX_CANDIDATES`."""
    errors = {
        word: edit_distance(folded, word)
        for word in index_vocabulary.candidates(folded, code)
        if _is_searched(word, code)
    }
    near = [word for word, number in errors.items() if number <= allowed_errors(folded) and allowed_errors(fold(word))]
    # People rarely mistype the first letter.
    return sorted(near, key=lambda word: (errors[word], fold(word)[:1] != folded[:1]))[:MAX_CANDIDATES]


def _is_searched(word: str, code: str) -> bool:
    """Return True if a word is not a stop word of a language."""
    return any(True for _token in tokens(word, code))


def _split_in_two(folded: str, languages: Sequence[str], index_vocabulary: IndexVocabulary) -> str:
    """Return two known words that were written as one, as equal in length as possible; "" if there are none."""
    positions = range(SHORTEST_PART, len(folded) - SHORTEST_PART + 1)
    for position in sorted(positions, key=lambda number: abs(2 * number - len(folded))):
        parts = folded[:position], folded[position:]
        if all(in_vocabulary(part, languages) or index_vocabulary.has_word(part) for part in parts):
            return " ".join(_vocabulary_spelling(part, languages) for part in parts)
    return ""


def in_vocabulary(folded: str, languages: Sequence[str]) -> bool:
    """Return True if the vocabulary of one of the languages contains a word."""
    return any(folded in language_vocabulary(code) for code in languages)


def _vocabulary_spelling(folded: str, languages: Sequence[str]) -> str:
    vocabularies = (language_vocabulary(code) for code in languages)
    return next((vocabulary.forms[folded][0] for vocabulary in vocabularies if folded in vocabulary), folded)

"""Splits a text into words and reduces each to the index term that all its forms share.

The embedded engine uses it for documents and queries, highlighting uses it on both engines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import Stemmer
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from sites.unicode_forms import normalise

from .languages import Language, language_of

# A word with appended endings ("assistant·e·s", "éducateur/trice", "infirmier(ère)s"), or an abbreviation with points
# ("P.M.I.", indexed as "PMI"). An appended part of more than six letters is a separate word: "technicien/technicienne".
WORD = re.compile(
    r"(?P<pointed>(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?)"
    r"|(?P<word>[^\W_]+)(?P<rest>(?:[·•⋅∙‧./(\-][^\W_]{1,6}(?![^\W_])\)?)*)"
)
CLOSING_PUNCTUATION = ".,;:!?…"  # never the end of a word
RUN = re.compile(r"\S+")  # characters between two spaces
PART = re.compile(r"[^\W_]+")
APOSTROPHES = ("'", "’", "ʼ", "＇")
# A word of this length in capitals is an abbreviation, even if it spells a stop word ("ES").
ABBREVIATION_LENGTHS = range(2, 6)
SHORTEST_STEM = 3
# Shorter stems keep their ending: without it too many words would have the same stem.
SHORTEST_NORMALIZED_STEM = 5
# Longer than any real word; it limits the length of a term.
MAX_WORD_LENGTH = 60
CACHED_WORDS = 50_000
CACHED_RUNS = 100_000  # for each language


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: its index term, the word in lower case, the word without accents, and its position."""

    term: str
    word: str
    folded: str
    start: int
    end: int

    def shifted(self, offset: int) -> Token:
        """Return the same token at a position that is `offset` characters further."""
        return Token(self.term, self.word, self.folded, self.start + offset, self.end + offset)


def fold(text: str) -> str:
    """Return the text in lower case without accents; "œ" becomes "oe", "ß" becomes "ss"."""
    if text.isascii():
        return text.lower()
    decomposed = normalise("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def tokens(text: str, language_code: str) -> Iterator[Token]:
    """Yield the words of a text without elided articles, stop words and appended endings.

    Raises KeyError for a language that is not declared.
    """
    runs = _runs(language_of(language_code).code)
    for match in RUN.finditer(_normalized(text)):
        for token in runs[match.group()]:
            yield token.shifted(match.start())


def matching_tokens(text: str, language_code: str, terms: Container[str]) -> list[Token]:
    """Return the tokens whose term is one of `terms`, in text order.

    Faster than `tokens` for long texts of which few words match.
    """
    runs = _runs(language_of(language_code).code)
    text = _normalized(text)
    matching: list[Token] = []
    for run in set(text.split()):
        for token in runs[run]:
            if token.term in terms:
                matching += map(token.shifted, _positions(text, run))
    return sorted(matching, key=lambda token: token.start)


def _positions(text: str, run: str) -> Iterator[int]:
    """Yield each position at which the run occurs between spaces."""
    position = text.find(run)
    while position >= 0:
        end = position + len(run)
        if (not position or text[position - 1].isspace()) and (end == len(text) or text[end].isspace()):
            yield position
        position = text.find(run, position + 1)


def tokens_without_positions(text: str, language_code: str) -> list[Token]:
    """Return the same words as `tokens`, with `start` and `end` counted from the last space.

    Several times as fast, for texts that are indexed.
    """
    runs = _runs(language_of(language_code).code)
    return [token for run in _normalized(text).split() for token in runs[run]]


def _normalized(text: str) -> str:
    """Return the text in NFC, in lower case if all its words are in capitals, which then mark no abbreviation."""
    text = normalise("NFC", text)
    return text.lower() if text.isupper() and len(text.split()) > 1 else text


class TokensByRun(dict[str, tuple[Token, ...]]):
    """A cache of the tokens of each run of characters without spaces, in one language: texts repeat their words."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __missing__(self, run: str) -> tuple[Token, ...]:
        if (bare := run.rstrip(CLOSING_PUNCTUATION)) != run:
            return self[bare]
        run_tokens = tuple(_split(run, self._code))
        if len(run) <= MAX_WORD_LENGTH:
            if len(self) >= CACHED_RUNS:
                self.clear()
            self[run] = run_tokens
        return run_tokens


@cache
def _runs(code: str) -> TokensByRun:
    return TokensByRun(code)


def _split(run: str, code: str) -> Iterator[Token]:
    language = language_of(code)
    for match in WORD.finditer(run):
        start = match.start()
        if pointed := match["pointed"]:
            yield from _token(pointed.replace(".", ""), start, match.end(), language, is_abbreviation=True)
            continue
        word = match["word"]
        is_elided = (
            match.end() < len(run) and run[match.end()] in APOSTROPHES and word.lower() in language.elided_articles
        )
        if is_elided:
            continue
        rest = match["rest"]
        endings = PART.findall(rest.lower())
        is_compound = bool(endings) and len(word) > 2 and language.compound_endings.issuperset(endings)
        if is_compound:
            yield from _token(word, start, match.end(), language)
            continue
        is_abbreviation = len(word) in ABBREVIATION_LENGTHS and word.isupper()
        yield from _token(word, start, start + len(word), language, is_abbreviation=is_abbreviation)
        for part in PART.finditer(rest):
            position = match.start("rest") + part.start()
            yield from _token(part.group(), position, position + len(part.group()), language)


def _token(word: str, start: int, end: int, language: Language, *, is_abbreviation: bool = False) -> Iterator[Token]:
    if len(word) > MAX_WORD_LENGTH:
        word = word[:MAX_WORD_LENGTH]
    word = word.lower()
    term, folded = _term(word, language.code, is_abbreviation)
    if term:
        yield Token(term, word, folded, start, end)


@lru_cache(maxsize=CACHED_WORDS)
def _term(word: str, language_code: str, is_abbreviation: bool) -> tuple[str, str]:
    """Return the term of a word in lower case and the word without accents; two empty strings for a stop word."""
    language = language_of(language_code)
    if not is_abbreviation and _is_stop_word(word, language):
        return "", ""
    form = (
        _with_replaced_ending(word, language.gender_endings) if len(word) >= language.minimum_gendered_length else word
    )
    stem = _stemmer(language.snowball_stemmer).stemWord(form)
    if len(stem) >= SHORTEST_NORMALIZED_STEM:
        stem = _with_replaced_ending(stem, language.stem_endings)
    # One letter may become a phrase without its compatibility forms.
    stem, folded = fold(stem)[:MAX_WORD_LENGTH], fold(word)[:MAX_WORD_LENGTH]
    # A very short stem is ambiguous: "VAE" would become "va".
    return stem if len(stem) >= SHORTEST_STEM else folded.removesuffix("s") or folded, folded


def _with_replaced_ending(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for ending, replacement in endings:
        if word.endswith(ending):
            return word.removesuffix(ending) + replacement
    return word


def _is_stop_word(word: str, language: Language) -> bool:
    if word in language.extra_stop_words:
        return True
    analyzer = _stop_analyzer(language.stop_words)
    return analyzer is not None and not analyzer.analyze(word)


@cache
def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm)


@cache
def _stop_analyzer(language_name: str) -> TextAnalyzer | None:
    """Return the analyzer that removes the stop words of a language; None if tantivy has no list for it."""
    try:
        return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stopword(language_name)).build()
    except ValueError:
        return None


def has_stop_word_list(language_name: str) -> bool:
    """Return True if tantivy ships a list of stop words of that name."""
    return _stop_analyzer(language_name) is not None

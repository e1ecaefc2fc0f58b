"""Cuts text into words and brings each to the term that all its forms share.

Used by the embedded engine for documents and queries alike, and by highlighting on both engines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import Stemmer
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from .languages import Language, language_of

# A word and what compound writing hangs on it: "assistant·e·s", "éducateur/trice", "infirmier(ère)s".
# What is longer is a word of its own: "technicien/technicienne". First of all an abbreviation: "P.M.I." is "PMI".
WORD = re.compile(
    r"(?P<pointed>(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?)"
    r"|(?P<word>[^\W_]+)(?P<rest>(?:[·•⋅∙‧./(\-][^\W_]{1,6}(?![^\W_])\)?)*)"
)
CLOSING = ".,;:!?…"  # never a part of a word at its end
RUN = re.compile(r"\S+")
PART = re.compile(r"[^\W_]+")
APOSTROPHES = ("'", "’", "ʼ", "＇")
# In capitals, so many letters are an abbreviation, even if they spell a stop word ("ES").
ABBREVIATION = range(2, 6)
SHORTEST_STEM = 3
# Shorter stems keep their ending: there is too little else in them.
SHORTEST_FORMED_STEM = 5
# Longer than any word of ours; a text of one endless word must not become one endless term.
MAX_WORD_LENGTH = 60
CACHED_WORDS = 50_000
CACHED_RUNS = 100_000  # of each language


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: the term it becomes, the word in lower case, the same without accents, where it stands."""

    term: str
    word: str
    folded: str
    start: int
    end: int

    def shifted(self, by: int) -> Token:
        return Token(self.term, self.word, self.folded, self.start + by, self.end + by)


def fold(text: str) -> str:
    """Return the text in lower case without accents; "œ" becomes "oe", "ß" becomes "ss"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def tokens(text: str, language_code: str) -> Iterator[Token]:
    """Yield the words of a text that matter: elided articles, stop words and appended endings are left out.

    Raises KeyError for a language that has no row in `search.linguistics.languages`.
    """
    runs = _runs(language_of(language_code).code)
    for match in RUN.finditer(_normal(text)):
        for each in runs[match.group()]:
            yield each.shifted(match.start())


def matching_tokens(text: str, language_code: str, terms: Container[str]) -> list[Token]:
    """Return the same words, of those whose term is one of some. For long texts, most of which is something else."""
    runs = _runs(language_of(language_code).code)
    text = _normal(text)
    found: list[Token] = []
    for run in set(text.split()):
        for each in runs[run]:
            if each.term in terms:
                found += map(each.shifted, _places(text, run))
    return sorted(found, key=lambda each: each.start)


def _places(text: str, run: str) -> Iterator[int]:
    """Yield where a run stands by itself between spaces."""
    place = text.find(run)
    while place >= 0:
        end = place + len(run)
        if (not place or text[place - 1].isspace()) and (end == len(text) or text[end].isspace()):
            yield place
        place = text.find(run, place + 1)


def tokens_without_positions(text: str, language_code: str) -> list[Token]:
    """Return the same words without saying where they stand: their `start` and `end` count from the last space.

    Several times as fast, for texts that are indexed.
    """
    runs = _runs(language_of(language_code).code)
    return [each for run in _normal(text).split() for each in runs[run]]


def _normal(text: str) -> str:
    """Return the text in one way of writing accents; in small letters when all are capitals, which then say nothing."""
    text = unicodedata.normalize("NFC", text)
    return text.lower() if text.isupper() and len(text.split()) > 1 else text


class TokensByRun(dict[str, tuple[Token, ...]]):
    """The words of runs of characters without spaces, in one language; texts repeat the same ones."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __missing__(self, run: str) -> tuple[Token, ...]:
        if (bare := run.rstrip(CLOSING)) != run:
            return self[bare]
        found = tuple(_cut(run, self._code))
        if len(run) <= MAX_WORD_LENGTH:
            if len(self) >= CACHED_RUNS:
                self.clear()
            self[run] = found
        return found


@cache
def _runs(code: str) -> TokensByRun:
    return TokensByRun(code)


def _cut(run: str, code: str) -> Iterator[Token]:
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
        is_abbreviation = len(word) in ABBREVIATION and word.isupper()
        yield from _token(word, start, start + len(word), language, is_abbreviation=is_abbreviation)
        for part in PART.finditer(rest):
            place = match.start("rest") + part.start()
            yield from _token(part.group(), place, place + len(part.group()), language)


def _token(word: str, start: int, end: int, language: Language, *, is_abbreviation: bool = False) -> Iterator[Token]:
    if len(word) > MAX_WORD_LENGTH:
        word = word[:MAX_WORD_LENGTH]
    word = word.lower()
    term, folded = _term(word, language.code, is_abbreviation)
    if term:
        yield Token(term, word, folded, start, end)


@lru_cache(maxsize=CACHED_WORDS)
def _term(word: str, language_code: str, is_abbreviation: bool) -> tuple[str, str]:
    """Return the term of a word in lower case, and the word folded; two empty texts for a stop word."""
    language = language_of(language_code)
    if not is_abbreviation and _is_stop_word(word, language):
        return "", ""
    form = _with_form(word, language.gender_endings) if len(word) >= language.minimum_gendered_length else word
    stem = _stemmer(language.snowball_stemmer).stemWord(form)
    if len(stem) >= SHORTEST_FORMED_STEM:
        stem = _with_form(stem, language.stem_endings)
    stem, folded = fold(stem), fold(word)
    # Of a short word a stemmer leaves what many other words have too: "VAE" is not "va".
    return stem if len(stem) >= SHORTEST_STEM else folded.removesuffix("s") or folded, folded


def _with_form(word: str, forms: tuple[tuple[str, str], ...]) -> str:
    for ending, replacement in forms:
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
    """Return what drops the stop words of a language, or None where the library has no list for it."""
    try:
        return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stopword(language_name)).build()
    except ValueError:
        return None

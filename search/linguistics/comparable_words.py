"""Reduces a text to a set of words that can be compared with that of another text."""

from __future__ import annotations

from .languages import language_of
from .tokens import fold, tokens


def comparable_words(text: str, language_code: str) -> frozenset[str]:
    """Return the words of a text without accents, inflections, stop words, order and repetitions."""
    language = language_of(language_code)
    endings = [(fold(ending), fold(replacement)) for ending, replacement in language.gender_endings]
    terms = set()
    for token in tokens(text, language_code):
        word = token.folded
        if len(word) >= language.minimum_gendered_length:
            ending, replacement = next((pair for pair in endings if word.endswith(pair[0])), ("", ""))
            word = word.removesuffix(ending) + replacement
        terms |= {word_token.term for word_token in tokens(word, language_code)} or {word}
    return frozenset(terms)

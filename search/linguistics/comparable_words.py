"""Reduces texts to sets of words that can be compared."""

from __future__ import annotations

from .languages import language_of
from .tokens import fold, tokens


def comparable_words(text: str, language_code: str) -> frozenset[str]:
    """Return what words are compared by: without accents, forms, small words, order and repetitions."""
    forms = [(fold(ending), fold(replacement)) for ending, replacement in language_of(language_code).gender_endings]
    shortest = language_of(language_code).minimum_gendered_length
    found = set()
    for token in tokens(text, language_code):
        word = token.folded
        if len(word) >= shortest:
            ending, replacement = next((each for each in forms if word.endswith(each[0])), ("", ""))
            word = word.removesuffix(ending) + replacement
        found |= {each.term for each in tokens(word, language_code)} or {word}
    return frozenset(found)

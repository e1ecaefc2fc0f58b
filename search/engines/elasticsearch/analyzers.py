"""How Elasticsearch cuts words: the table of languages as its analyzers."""

from __future__ import annotations

from collections.abc import Iterator

from elasticsearch.dsl import analyzer, char_filter, token_filter
from elasticsearch.dsl.utils import DslBase

from search.linguistics.languages import Language
from search.linguistics.tokens import SHORTEST_FORMED_STEM

# "assistant·e·s" and "éducateur/trice": what stands for an appended ending, between the word and the ending.
SEPARATORS = "[·•⋅∙‧./(\\-]"
# A point after a single letter, before another one: "P.M.I." is "PMI".
POINTED = r"(?<=\b\p{L})\.(?=\p{L}\b)"


def word_analyzer() -> DslBase:
    """Return the analyzer of words as they are typed, for completions and typing errors."""
    return analyzer("words", tokenizer="standard", filter=["lowercase", "asciifolding"])


def prefix_analyzer() -> DslBase:
    """Return the analyzer that keeps the beginnings of words."""
    beginnings = token_filter("beginnings", "edge_ngram", min_gram=1, max_gram=20, preserve_original=True)
    # What follows an elided article is a word of its own.
    apostrophes = char_filter("apostrophes", "mapping", mappings=["' => \\u0020", "’ => \\u0020"])
    filters = ["lowercase", "asciifolding", beginnings]
    return analyzer("prefixes", tokenizer="standard", char_filter=[apostrophes], filter=filters)


def text_analyzer(language: Language) -> DslBase:
    """Return the analyzer of a language, for documents and queries alike."""
    return _analyzer(language, "text", language.elasticsearch_stemmer)


def root_analyzer(language: Language) -> DslBase:
    """Return the analyzer that brings a family of words together: "recruter" and "recrutement"."""
    return _analyzer(language, "roots", language.snowball_stemmer)


def _analyzer(language: Language, use: str, stemmer: str) -> DslBase:
    code = language.code
    filters: list[str | DslBase] = []
    if language.elided_articles:
        articles = sorted(language.elided_articles)
        filters.append(token_filter(f"{code}_elision", "elision", articles_case=True, articles=articles))
    if language.possessive_stemmer:
        filters.append(token_filter(f"{code}_possessive", "stemmer", language=language.possessive_stemmer))
    filters.append("lowercase")
    filters.append(token_filter(f"{code}_stop", "stop", stopwords=language.elasticsearch_stop_words))
    if language.extra_stop_words:
        filters.append(token_filter(f"{code}_more_stop", "stop", stopwords=sorted(language.extra_stop_words)))
    filters += _forms(f"{code}_form", language.gender_endings, language.minimum_gendered_length)
    filters.append(token_filter(f"{code}_{use}_stemmer", "stemmer", language=stemmer))
    filters += _forms(f"{code}_stem_form", language.stem_endings, SHORTEST_FORMED_STEM)
    filters.append("asciifolding")
    return analyzer(f"{code}_{use}", tokenizer="standard", char_filter=_char_filters(language), filter=filters)


def _forms(name: str, forms: tuple[tuple[str, str], ...], shortest: int) -> Iterator[DslBase]:
    """Put one ending in the place of others in words of so many letters, like `search.linguistics.tokens`."""
    for number, (ending, replacement) in enumerate(forms):
        pattern = f"^(.{{{max(1, shortest - len(ending))},}}){ending}$"
        yield token_filter(
            f"{name}_{number}", "pattern_replace", pattern=pattern, replacement=f"$1{replacement}", all=False
        )


def _char_filters(language: Language) -> list[DslBase]:
    """Take the points out of abbreviations and appended endings off, so that all forms of a word are one."""
    pointed = char_filter("pointed", "pattern_replace", pattern=POINTED, replacement="")
    if not language.compound_endings:
        return [pointed]
    endings = "|".join(sorted(language.compound_endings, key=len, reverse=True))
    pattern = f"(?iu)(?<=\\p{{L}}{{3}})(?:{SEPARATORS}(?:{endings})(?!\\p{{L}})\\)?)+"
    compounds = char_filter(f"{language.code}_compounds", "pattern_replace", pattern=pattern, replacement="")
    return [pointed, compounds]

"""The Elasticsearch analyzers of each language, made from the rules in `search.linguistics.languages`."""

from __future__ import annotations

from collections.abc import Iterator

from elasticsearch.dsl import analyzer, char_filter, token_filter
from elasticsearch.dsl.utils import DslBase

from search.linguistics.languages import Language
from search.linguistics.tokens import SHORTEST_NORMALIZED_STEM

# Characters between a word and an appended ending: "assistant·e·s", "éducateur/trice".
SEPARATORS = "[·•⋅∙‧./(\\-]"
# A point between two single letters: "P.M.I." is "PMI".
POINTED = r"(?<=\b\p{L})\.(?=\p{L}\b)"


def word_analyzer() -> DslBase:
    """Return the analyzer of words as they are written, for completions and typing errors."""
    return analyzer("words", tokenizer="standard", filter=["lowercase", "asciifolding"])


def prefix_analyzer() -> DslBase:
    """Return the analyzer that indexes the prefixes of words."""
    prefixes = token_filter("beginnings", "edge_ngram", min_gram=1, max_gram=20, preserve_original=True)
    # The word after an elided article is a word of its own.
    apostrophes = char_filter("apostrophes", "mapping", mappings=["' => \\u0020", "’ => \\u0020"])
    filters = ["lowercase", "asciifolding", prefixes]
    return analyzer("prefixes", tokenizer="standard", char_filter=[apostrophes], filter=filters)


def text_analyzer(language: Language) -> DslBase:
    """Return the analyzer of a language, for documents and queries."""
    return _analyzer(language, "text", language.elasticsearch_stemmer)


def root_analyzer(language: Language) -> DslBase:
    """Return the analyzer that reduces the words of a family to one root: "recruter" and "recrutement"."""
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
    filters += _ending_filters(f"{code}_form", language.gender_endings, language.minimum_gendered_length)
    filters.append(token_filter(f"{code}_{use}_stemmer", "stemmer", language=stemmer))
    filters += _ending_filters(f"{code}_stem_form", language.stem_endings, SHORTEST_NORMALIZED_STEM)
    filters.append("asciifolding")
    return analyzer(f"{code}_{use}", tokenizer="standard", char_filter=_char_filters(language), filter=filters)


def _ending_filters(name: str, endings: tuple[tuple[str, str], ...], min_length: int) -> Iterator[DslBase]:
    """Yield filters that replace the endings of words of `min_length` letters or more, as the tokens module does."""
    for number, (ending, replacement) in enumerate(endings):
        pattern = f"^(.{{{max(1, min_length - len(ending))},}}){ending}$"
        yield token_filter(
            f"{name}_{number}", "pattern_replace", pattern=pattern, replacement=f"$1{replacement}", all=False
        )


def _char_filters(language: Language) -> list[DslBase]:
    """Return filters that remove the points of abbreviations and the endings appended to a word."""
    pointed = char_filter("pointed", "pattern_replace", pattern=POINTED, replacement="")
    if not language.compound_endings:
        return [pointed]
    endings = "|".join(sorted(language.compound_endings, key=len, reverse=True))
    pattern = f"(?iu)(?<=\\p{{L}}{{3}})(?:{SEPARATORS}(?:{endings})(?!\\p{{L}})\\)?)+"
    compounds = char_filter(f"{language.code}_compounds", "pattern_replace", pattern=pattern, replacement="")
    return [pointed, compounds]

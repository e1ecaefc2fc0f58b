"""The queries of a benchmark: nine kinds in each language, the same for every engine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from search.linguistics.synonyms import synonym_groups_in_file
from search.query.search_query import SearchQuery, fallback_chain, parse_words

from .fixture_data import DEPARTMENTS, TYPES
from .texts import LANGUAGES, Vocabulary, vocabulary

KINDS = (
    "one word",
    "rare word",
    "two words",
    "phrase",
    "typing error",
    "long question",
    "abbreviation",
    "two filters",
    "foreign words",
)
COMMON = 30  # number of the most frequent words of a language, which nobody searches for


@dataclass(frozen=True)
class BenchmarkQuery:
    """A typed text and its language; `locale` is the requested language of the answer, "" for all."""

    kind: str
    text: str
    language: str
    locale: str
    department: str = ""
    type: str = ""

    @property
    def search_query(self) -> SearchQuery:
        values = {"department": self.department, "type": self.type}
        filters: dict[str, tuple[str, ...]] = {name: (value,) for name, value in values.items() if value}
        locales = fallback_chain(self.locale) if self.locale else ()
        return SearchQuery(words=parse_words(self.text), locales=locales, filters=filters)


def benchmark_queries(repetitions: int) -> list[BenchmarkQuery]:
    """Return `repetitions` queries of each kind and language, half of them with their language as `locale`.

    They are shuffled, so that the first ones are a fair sample.
    """
    queries = list(_queries(repetitions))
    random.Random("order").shuffle(queries)
    return queries


def _queries(repetitions: int) -> Iterator[BenchmarkQuery]:
    chance = random.Random("questions")
    for number in range(repetitions):
        for language in LANGUAGES:
            words = vocabulary(language)
            for kind in KINDS:
                locale = language if number % 2 else ""
                text = _text(kind, words, language, chance)
                if kind == "two filters":
                    department, document_type = chance.choice(DEPARTMENTS), chance.choice(TYPES)
                    yield BenchmarkQuery(kind, text, language, locale, department, document_type)
                elif kind == "foreign words":
                    other_language = next(each for each in LANGUAGES if each != language)
                    yield BenchmarkQuery(kind, text, language, other_language if locale else "")
                else:
                    yield BenchmarkQuery(kind, text, language, locale)


def _text(kind: str, words: Vocabulary, language: str, chance: random.Random) -> str:
    match kind:
        case "one word":
            return chance.choice(words.known[COMMON:])
        case "rare word":
            return chance.choice(words.words[5_000:20_000])
        case "phrase":
            written = chance.choice(words.sentences).rstrip("?. ").split()
            start = chance.randrange(len(written) - 2)
            return '"' + " ".join(written[start : start + 3]) + '"'
        case "typing error":
            return _misspelt(chance.choice([word for word in words.known if len(word) > 6]), chance)
        case "long question":
            return chance.choice(words.sentences)
        case "abbreviation":
            return chance.choice([group[0] for group in synonym_groups_in_file(language)])
    return " ".join(chance.choices(words.known[COMMON:], k=2))


def _misspelt(word: str, chance: random.Random) -> str:
    """Return a word with two letters in its middle swapped."""
    position = chance.randrange(1, len(word) - 2)
    return word[:position] + word[position + 1] + word[position] + word[position + 2 :]


def typed_prefixes(repetitions: int) -> list[tuple[str, str]]:
    """Return (prefix, language): the first one to eight letters of a word, and a word with two letters of a second."""
    chance = random.Random("beginnings")
    prefixes = []
    for _number in range(repetitions):
        for language in LANGUAGES:
            first, second = vocabulary(language).draw_content_words(chance, 2)
            prefixes += [(first[:length], language) for length in (1, 2, 3, 5, 8)]
            prefixes.append((f"{first} {second[:2]}", language))
    chance.shuffle(prefixes)
    return prefixes

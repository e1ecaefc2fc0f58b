"""The mix of questions that is measured, the same for every engine."""

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
COMMON = 30  # words of a language that are too common to be asked for


@dataclass(frozen=True)
class Question:
    """A typed query and its language; `locale` is the requested language, "" for all."""

    kind: str
    text: str
    language: str
    locale: str
    department: str = ""
    type: str = ""

    @property
    def query(self) -> SearchQuery:
        asked = {"department": self.department, "type": self.type}
        filters: dict[str, tuple[str, ...]] = {name: (value,) for name, value in asked.items() if value}
        locales = fallback_chain(self.locale) if self.locale else ()
        return SearchQuery(words=parse_words(self.text), locales=locales, filters=filters)


def questions(repetitions: int) -> list[Question]:
    """Return `repetitions` questions of each kind and language, half with the language asked for, half without.

    They come in no order, so that a part of them is a fair sample.
    """
    found = list(_questions(repetitions))
    random.Random("order").shuffle(found)
    return found


def _questions(repetitions: int) -> Iterator[Question]:
    chance = random.Random("questions")
    for number in range(repetitions):
        for language in LANGUAGES:
            words = vocabulary(language)
            for kind in KINDS:
                locale = language if number % 2 else ""
                text = _text(kind, words, language, chance)
                if kind == "two filters":
                    department, of_type = chance.choice(DEPARTMENTS), chance.choice(TYPES)
                    yield Question(kind, text, language, locale, department, of_type)
                elif kind == "foreign words":
                    asked = next(each for each in LANGUAGES if each != language)
                    yield Question(kind, text, language, asked if locale else "")
                else:
                    yield Question(kind, text, language, locale)


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
    place = chance.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def beginnings(repetitions: int) -> list[tuple[str, str]]:
    """Return what somebody has typed so far, with its language: one to eight letters, then a second word."""
    chance = random.Random("beginnings")
    found = []
    for _number in range(repetitions):
        for language in LANGUAGES:
            first, second = vocabulary(language).telling(chance, 2)
            found += [(first[:length], language) for length in (1, 2, 3, 5, 8)]
            found.append((f"{first} {second[:2]}", language))
    chance.shuffle(found)
    return found

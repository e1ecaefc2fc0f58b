"""Generates texts of documents: sentences of the files in `words/`, and words that follow Zipf's law.

A text depends only on the number of its document: the first 20,000 of 100,000 documents are the same as 20,000 alone.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("fr", "en", "it", "fi")
VOCABULARY = 40_000  # different words of one language
FLATTENING = 2.7  # of Mandelbrot's form of Zipf's law: the n-th word has the frequency 1 / (n + 2.7)
SHORTEST, USUAL, LONGEST = 200, 250, 600  # words of a document
WRITTEN = 0.3  # share of sentences from the files
TITLE_FROM = 60  # rank of the first word that a title may contain; words before are mostly function words


@dataclass(frozen=True)
class Vocabulary:
    """`words` of one language, the most frequent first, with cumulative frequencies (`sums`), and written `sentences`.

    `known` are the words of the sentences.
    """

    words: tuple[str, ...]
    known: tuple[str, ...]
    sums: tuple[float, ...]
    sentences: tuple[str, ...]

    def draw(self, chance: random.Random, count: int) -> list[str]:
        return chance.choices(self.words, cum_weights=self.sums, k=count)

    def draw_content_words(self, chance: random.Random, count: int) -> list[str]:
        """Return words that are not too frequent to describe a topic."""
        return chance.choices(self.words[TITLE_FROM : len(self.known) * 4], k=count)


@cache
def vocabulary(language: str) -> Vocabulary:
    """Return the words of a language: those of its sentences, and invented ones made from halves of them."""
    sentences = (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    counts = Counter(word for sentence in sentences for word in re.findall(r"[^\W\d_]+", sentence.lower()))
    known = sorted(counts, key=lambda word: (-counts[word], word))
    words = dict.fromkeys(known)
    chance = random.Random(language)
    long_words = [word for word in known if len(word) > 4]
    while len(words) < VOCABULARY:
        head, middle, tail = chance.choices(long_words, k=3)
        inner = middle[len(middle) // 2 :][:2] if chance.random() < 0.5 else ""
        words.setdefault(head[: len(head) // 2 + 1] + inner + tail[len(tail) // 2 :])
    sums = accumulate(1 / (rank + FLATTENING) for rank in range(1, len(words) + 1))
    return Vocabulary(tuple(words), tuple(known), tuple(sums), tuple(sentences))


@dataclass(frozen=True)
class Text:
    """The texts of one document; `paragraphs` are plain, about 350 words in all."""

    title: str
    summary: str
    paragraphs: tuple[str, ...]


def text(number: int, language: str) -> Text:
    """Return the texts of a document in a language, always the same for the same number."""
    chance = random.Random(f"{number} {language}")
    words = vocabulary(language)
    length = int(chance.triangular(SHORTEST, LONGEST, USUAL))
    sentences = list(_sentences(words, chance, length))
    paragraphs = [" ".join(sentences[start : start + 5]) for start in range(0, len(sentences), 5)]
    title = " ".join(words.draw_content_words(chance, chance.randint(3, 6))).capitalize()
    # Some real titles contain a year.
    title += f" {chance.randint(2018, 2027)}" if chance.random() < 0.2 else ""
    return Text(title, _sentence(words, chance), tuple(paragraphs))


def _sentences(words: Vocabulary, chance: random.Random, length: int) -> Iterator[str]:
    while length > 0:
        sentence = chance.choice(words.sentences) if chance.random() < WRITTEN else _sentence(words, chance)
        length -= sentence.count(" ") + 1
        yield sentence


def _sentence(words: Vocabulary, chance: random.Random) -> str:
    return " ".join(words.draw(chance, chance.randint(7, 18))).capitalize() + "."

"""The word list finds the same words by prefix and by similarity as a comparison of all words."""

import random

import pytest
from rapidfuzz.distance import OSA

from search.linguistics.word_list import CACHED_CORRECTIONS, WordList

CHANCE = random.Random("words")
WORDS = {
    "".join(CHANCE.choices("abcdeé", k=CHANCE.randint(1, 9))): CHANCE.randint(1, 50) for _number in range(3000)
} | {"éducateur": 40, "educatif": 60, "education": 90, "educ": 1, "x": 1}
LIST = WordList(WORDS)


def in_order(words, distance=lambda word: 0, typed=""):
    return sorted(words, key=lambda word: (distance(word), bool(typed) and word[0] != typed[0], -WORDS[word], word))


@pytest.mark.parametrize("prefix", ["", "a", "ab", "abc", "educ", "é", "zz"])
def test_words_with_a_prefix_are_sorted_by_frequency(prefix):
    expected = in_order(word for word in WORDS if word.startswith(prefix))
    for limit in (1, 7, 5000, 7):
        assert LIST.words_with_prefix(prefix, limit) == expected[:limit]


@pytest.mark.parametrize("typed", ["abcd", "baced", "educatoin", "xéducatif", "eeeee", "zzzzzzzz"])
@pytest.mark.parametrize("errors", [1, 2])
def test_similar_words_are_sorted_by_distance(typed, errors):
    near = {word: OSA.distance(typed, word) for word in WORDS if OSA.distance(typed, word) <= errors}
    for _again in range(2):
        assert LIST.similar_words(typed, errors) == in_order(near, near.get, typed)


def test_the_cache_of_corrections_is_bounded():
    words = WordList({"éducateur": 1})
    for number in range(3 * CACHED_CORRECTIONS):
        assert words.similar_words(f"éducateu{number:04}", 1) == []
        assert len(words._similar) <= CACHED_CORRECTIONS
    assert words.similar_words("éducatuer", 1) == ["éducateur"]


@pytest.mark.parametrize("typed", ["abcd", "edcua", "educat", "baced", "zzzz"])
@pytest.mark.parametrize("errors", [1, 2])
def test_words_with_a_similar_prefix_are_sorted_by_distance(typed, errors):
    distance = {word: min(OSA.distance(typed, word[: len(typed) + more]) for more in (0, 1)) for word in WORDS}
    expected = {word: value for word, value in distance.items() if value <= errors}
    assert LIST.words_with_similar_prefix(typed, errors) == in_order(expected, expected.get, typed)

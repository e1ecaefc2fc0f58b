"""Highlighted fragments: the passage with most terms, found in a time that grows with the number of matches."""

import time

import pytest

from search.linguistics.tokens import Token
from search.query.highlighting import _start_of_best_passage, best_fragment


@pytest.mark.parametrize("text", ["eau " * 5_000, "eau bain " * 2_200, "eau " + "x" * 300 + " bain eau " * 100])
def test_texts_that_repeat_a_term_take_a_short_time(text):
    started = time.process_time()
    for _hit in range(10):
        assert "<mark>eau</mark>" in best_fragment(text, "fr", frozenset({"eau", "bain"}))
    assert time.process_time() - started < 2  # 2,000 comparisons for each match took 5 s for 100 hits


def token(term, start):
    return Token(term, term, term, start, start + len(term))


def test_the_passage_with_most_terms_then_most_matches_is_chosen():
    places = (("eau", 0), ("eau", 4), ("eau", 100), ("bain", 104), ("eau", 300), ("eau", 304), ("bain", 310))
    matches = [token(term, start) for term, start in places]
    assert _start_of_best_passage(matches, 20) is matches[4]


def test_a_term_that_is_longer_than_a_passage_is_no_end():
    matches = [token("x" * 40, 0), token("eau", 50), token("bain", 54)]
    assert _start_of_best_passage(matches, 20) is matches[1]

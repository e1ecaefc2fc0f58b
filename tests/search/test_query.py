"""What somebody types is words, phrases and words left out, never syntax that can be wrong."""

import unicodedata

import pytest

from search.query.search_query import Words, parse_words


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("assistante sociale", Words("assistante sociale")),
        ('"livre blanc" métiers', Words("métiers", ("livre blanc",))),
        ("« livre blanc » métiers", Words("métiers", ("livre blanc",))),
        ("festival -allier", Words("festival", (), ("allier",))),
        ('festival -"travail social"', Words("festival", (), ("travail social",))),
        ("éco-social", Words("éco-social")),
        ('un "jamais fermé', Words('un "jamais fermé')),
        ("AND", Words("AND")),
        ("*", Words("*")),
        ('"', Words('"')),
        ('""', Words()),
        ("-", Words("-")),
        ("  ", Words()),
        ("Prime de nuit, prime de jour", Words("Prime de nuit, jour")),
        (" ".join(map(str, range(100))), Words(" ".join(map(str, range(32))))),
        ("-non " * 50, Words("", (), ("non",))),
    ],
)
def test_words_are_read(q, words):
    assert parse_words(q) == words


def test_accents_that_are_letters_of_their_own_are_joined():
    q = 'métiers "éducateur spécialisé" -été'
    decomposed = unicodedata.normalize("NFD", q)
    assert decomposed != q
    assert parse_words(decomposed) == parse_words(q)

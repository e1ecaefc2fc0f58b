"""Parsing of a query into words, phrases and excluded words."""

import unicodedata

import pytest

from search.query.search_query import QueryWords, parse_words


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("assistante sociale", QueryWords("assistante sociale")),
        ('"livre blanc" métiers', QueryWords("métiers", ("livre blanc",))),
        ("« livre blanc » métiers", QueryWords("métiers", ("livre blanc",))),
        ("festival -allier", QueryWords("festival", (), ("allier",))),
        ('festival -"travail social"', QueryWords("festival", (), ("travail social",))),
        ("éco-social", QueryWords("éco-social")),
        ('un "jamais fermé', QueryWords('un "jamais fermé')),
        ("AND", QueryWords("AND")),
        ("*", QueryWords("*")),
        ('"', QueryWords('"')),
        ('""', QueryWords()),
        ("-", QueryWords("-")),
        ("  ", QueryWords()),
        ("Prime de nuit, prime de jour", QueryWords("Prime de nuit, jour")),
        (" ".join(map(str, range(100))), QueryWords(" ".join(map(str, range(32))))),
        ("-non " * 50, QueryWords("", (), ("non",))),
    ],
)
def test_words_are_parsed(q, words):
    assert parse_words(q) == words


def test_decomposed_accents_are_composed():
    q = 'métiers "éducateur spécialisé" -été'
    decomposed = unicodedata.normalize("NFD", q)
    assert decomposed != q
    assert parse_words(decomposed) == parse_words(q)

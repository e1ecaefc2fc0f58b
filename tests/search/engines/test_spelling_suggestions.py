"""Spelling suggestions, on both engines."""

import datetime

import pytest

from search.engines.contract import Withdrawal

from . import samples
from .test_contract import search

GONE = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def suggestion(engine, q, *locales):
    return search(engine, q, locales=locales or ("fr",)).suggestion


def test_a_misspelled_word_has_a_suggestion(library):
    assert suggestion(library, "festivalle") == "festival"
    assert suggestion(library, "festival") == ""
    assert suggestion(library, "wxyzwxyz") == ""


def test_a_suggestion_has_its_accents(library):
    assert suggestion(library, "educatuer") == "éducateur"


def test_no_suggestion_if_several_documents_match(engine):
    engine.apply([samples.document(70 + n, "Éducateur de rue", text="Rencontrer.") for n in range(3)], ())
    assert suggestion(engine, "educatuer") == ""
    assert search(engine, "educatuer", locales=("fr",)).count >= 3


@pytest.mark.parametrize(
    ("q", "near", "locale"),
    [
        ("jeux", "Jeun", "fr"), ("chef", "Cher", "fr"), ("amis", "Avis", "fr"), ("vacances", "Vacants", "fr"),
        ("koti", "Kohti", "fi"), ("meeting", "Meetings", "en"),
    ],
)  # fmt: skip
def test_no_suggestion_for_a_word_of_the_language_vocabulary(engine, q, near, locale):
    engine.apply([samples.document(80, near, locale=locale)], ())
    assert suggestion(engine, q, locale) == ""


@pytest.mark.parametrize(("q", "found"), [("girafon", "Girafons"), ("girafons", "Girafon"), ("festivale", "Festival")])
def test_no_suggestion_for_another_form_of_an_indexed_word(engine, q, found):
    engine.apply([samples.document(81, found)], ())
    assert search(engine, q, locales=("fr",)).count
    assert suggestion(engine, q) == ""


def test_stop_words_are_neither_suggested_nor_replaced(engine):
    text = "Avec nous dans une maison pour le chaton."
    engine.apply([samples.document(82, "Girafe", text=text), samples.document(83, "Whatt", locale="en")], ())
    for q in ("avecc", "danns"):
        assert suggestion(engine, q) == "", q
    assert suggestion(engine, "avec chatton") == "avec chaton"
    assert suggestion(engine, "what", "fr", "en") == suggestion(engine, "what", "en", "fr") == ""


def test_suggestions_allow_as_many_errors_as_searching(engine):
    engine.apply([samples.document(84, "Girafe", text="Ornithorynque")], ())
    assert suggestion(engine, "grafe") == "girafe"
    assert suggestion(engine, "gifa") == ""
    assert suggestion(engine, "ornitorinque") == "ornithorynque"


def test_the_next_word_is_suggested_if_the_nearest_is_withdrawn(engine):
    engine.apply([samples.document(85, "Wolgzard"), samples.document(86, "Wolgzord")], ())
    assert suggestion(engine, "wolgzrd") == "wolgzard"
    engine.apply((), [Withdrawal(samples.document(85, "").content_id, "fr", 90)])
    assert suggestion(engine, "wolgzrd") == "wolgzord"


def test_a_suggestion_has_the_spelling_of_current_documents(engine):
    old = [samples.document(87 + n, f"Mélibée {n}", expires_at=GONE) for n in range(3)]
    engine.apply([*old, samples.document(95, "Mélibee")], ())
    assert suggestion(engine, "melibbee") == "mélibee"


def test_words_of_expired_documents_are_not_suggested(library):
    assert suggestion(library, "temoignagge") == ""
    assert suggestion(library, "vichhy") == ""

"""Which words are offered for misspelt ones, and for which words none are: the same on both engines."""

import datetime

import pytest

from search.engines.contract import Withdrawal

from . import samples
from .test_contract import ask

GONE = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def meant(engine, q, *locales):
    return ask(engine, q, locales=locales or ("fr",)).suggestion


def test_what_was_probably_meant(library):
    assert meant(library, "festivalle") == "festival"
    assert meant(library, "festival") == ""
    assert meant(library, "wxyzwxyz") == ""


def test_what_was_probably_meant_is_written_with_its_accents(library):
    assert meant(library, "educatuer") == "éducateur"


def test_nothing_else_was_meant_where_several_documents_have_all_the_words(engine):
    engine.apply([samples.document(70 + n, "Éducateur de rue", text="Rencontrer.") for n in range(3)], ())
    assert meant(engine, "educatuer") == ""
    assert ask(engine, "educatuer", locales=("fr",)).count >= 3


@pytest.mark.parametrize(
    ("q", "near", "locale"),
    [
        ("jeux", "Jeun", "fr"), ("chef", "Cher", "fr"), ("amis", "Avis", "fr"), ("vacances", "Vacants", "fr"),
        ("koti", "Kohti", "fi"), ("meeting", "Meetings", "en"),
    ],
)  # fmt: skip
def test_nothing_is_offered_for_a_word_that_is_known_without_any_document(engine, q, near, locale):
    engine.apply([samples.document(80, near, locale=locale)], ())
    assert meant(engine, q, locale) == ""


@pytest.mark.parametrize(("q", "found"), [("girafon", "Girafons"), ("girafons", "Girafon"), ("festivale", "Festival")])
def test_nothing_is_offered_for_another_form_of_a_word_that_is_found(engine, q, found):
    engine.apply([samples.document(81, found)], ())
    assert ask(engine, q, locales=("fr",)).count
    assert meant(engine, q) == ""


def test_no_stop_word_is_offered_and_none_is_replaced(engine):
    text = "Avec nous dans une maison pour le chaton."
    engine.apply([samples.document(82, "Girafe", text=text), samples.document(83, "Whatt", locale="en")], ())
    for q in ("avecc", "danns"):
        assert meant(engine, q) == "", q
    assert meant(engine, "avec chatton") == "avec chaton"
    assert meant(engine, "what", "fr", "en") == meant(engine, "what", "en", "fr") == ""


def test_as_many_letters_may_be_wrong_as_when_searching(engine):
    engine.apply([samples.document(84, "Girafe", text="Ornithorynque")], ())
    assert meant(engine, "grafe") == "girafe"
    assert meant(engine, "gifa") == ""
    assert meant(engine, "ornitorinque") == "ornithorynque"


def test_the_next_word_is_offered_when_the_nearest_is_gone(engine):
    engine.apply([samples.document(85, "Wolgzard"), samples.document(86, "Wolgzord")], ())
    assert meant(engine, "wolgzrd") == "wolgzard"
    engine.apply((), [Withdrawal(samples.document(85, "").content_id, "fr", 90)])
    assert meant(engine, "wolgzrd") == "wolgzord"


def test_a_word_is_offered_as_what_is_there_writes_it(engine):
    old = [samples.document(87 + n, f"Mélibée {n}", expires_at=GONE) for n in range(3)]
    engine.apply([*old, samples.document(95, "Mélibee")], ())
    assert meant(engine, "melibbee") == "mélibee"


def test_no_word_of_what_is_past_its_time_is_offered(library):
    assert meant(library, "temoignagge") == ""
    assert meant(library, "vichhy") == ""

"""Completions of titles, professions and places, on both engines."""

import pytest

from search.engines.contract import Withdrawal
from search.query.search_query import SearchQuery, fallback_chain, parse_words

from .samples import COMING_EVENT, EDUCATOR, ENGLISH, PAST_EVENT, SOCIAL_WORKER, document


@pytest.mark.parametrize("prefix", ["educ", "Éduc", "educateur sp", "edukateur", "special"])
def test_a_prefix_is_completed_by_a_title(library, prefix):
    completions = library.suggest(prefix, "fr", 5)
    assert (completions[0].text, completions[0].kind) == (EDUCATOR.title, "profession")
    assert (completions[0].content_id, completions[0].locale) == (EDUCATOR.content_id, "fr")


@pytest.mark.parametrize(
    ("prefix", "locale", "text"),
    [
        ("social wo", "en", "Social worker"),
        ("sociel worker", "en", "Social worker"),
        ("assistente s", "it", "Assistente sociale"),
        ("sosiaalit", "fi", "Sosiaalityöntekijä"),
        ("assistante so", "fr", "Assistante sociale"),
        ("asist", "fr", "Assistant de service social"),
        ("l'assist", "fr", "Assistant de service social"),
    ],
)
def test_a_profession_is_completed_by_its_names_in_the_requested_language(library, prefix, locale, text):
    first = library.suggest(prefix, locale, 5)[0]
    assert (first.text, first.kind, first.content_id) == (text, "profession", SOCIAL_WORKER.content_id)


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("mou", "Moulins"),
        ("MOULINS", "Moulins"),
        ("moulisn", "Moulins"),
        ("isere", "Isère"),
        ("vill", "Espace Villars"),
    ],
)
def test_a_place_is_completed_in_every_language(library, prefix, text):
    for locale in ("fr", "fi"):
        places = [completion for completion in library.suggest(prefix, locale, 5) if completion.kind == "place"]
        assert [(completion.text, completion.content_id, completion.locale) for completion in places] == [
            (text, "", "")
        ]


def test_a_place_is_offered_once_and_while_a_document_has_it(engine):
    assert [completion.text for completion in engine.suggest("moul", "fr", 5)] == ["Moulins"]
    engine.apply((), [Withdrawal(COMING_EVENT.content_id, "fr", 60)])
    assert [completion.text for completion in engine.suggest("moul", "fr", 5)] == ["Moulins"]
    engine.apply((), [Withdrawal(PAST_EVENT.content_id, "fr", 61)])
    assert engine.suggest("moul", "fr", 5) == []


def test_places_are_searched(library):
    def found(q):
        return {hit.content_id for hit in library.search(SearchQuery(words=parse_words(q))).hits}

    assert found("espace villars") == {COMING_EVENT.content_id}
    assert found("moulins") == {COMING_EVENT.content_id, PAST_EVENT.content_id}


def searched(engine, text, locale, department=""):
    """Return the number of hits of a completion where it was offered."""
    filters = {"department": (department,)} if department else {}
    return engine.search(SearchQuery(words=parse_words(text), locales=fallback_chain(locale), filters=filters)).count


@pytest.mark.parametrize("department", ["", "allier", "isere"])
@pytest.mark.parametrize("locale", ["fr", "en", "it"])
@pytest.mark.parametrize("prefix", ["educ", "assi", "soc", "so", "fest", "work", "mou", "mét", "pro", "al", "is", "e"])
def test_each_completion_has_hits_where_it_is_offered(library, prefix, locale, department):
    for completion in library.suggest(prefix, locale, 20, department):
        assert searched(library, completion.text, locale, department), completion


def test_completions_of_a_department_come_from_its_site(library):
    def completed(prefix, locale, department):
        return [(completion.text, completion.kind) for completion in library.suggest(prefix, locale, 5, department)]

    own = (EDUCATOR.title, "profession")
    assert own in completed("educ", "fr", "")
    assert own in completed("educ", "fr", "isere")
    assert completed("educ", "fr", "allier") == completed("assist", "fr", "allier") == []
    assert completed("work", "en", "allier") == [(ENGLISH.title, "standard")]
    assert completed("working", "en", "isere") == []
    # A shared content, then one of a single department.
    assert completed("festi", "fr", "isere") == completed("festi", "fr", "allier") == [(COMING_EVENT.title, "event")]
    assert completed("moul", "fr", "isere") == [("Moulins", "place")]
    assert completed("educ", "fr", "nobody") == []


def test_places_of_a_hidden_language_are_not_offered(engine):
    french = document(71, "Rencontre", available=("fr", "it"), places=("Allier", "Turin"))
    italian = document(71, "Incontro", locale="it", available=("fr", "it"), places=("Allier", "Torino"), sequence=72)
    engine.apply([french, italian], ())
    for typed, locale, place in (("turin", "fr", "Turin"), ("torino", "it", "Torino")):
        assert [completion.text for completion in engine.suggest(typed, locale, 5)] == [place]
        assert searched(engine, place, locale) == 1
    for typed, locale, place in (("torino", "fr", "Torino"), ("turin", "it", "Turin")):
        assert place not in [completion.text for completion in engine.suggest(typed, locale, 5)]


def test_a_frequent_title_leaves_room_for_other_titles(engine):
    names = {"labels": {"fr": ("Médiatrice familiale",)}, "type": "profession"}
    engine.apply([document(number, "Médiatrice familiale", **names) for number in range(100, 160)], ())
    engine.apply([document(200, "Médiathèque de Vichy"), document(201, "Le médiateur social")], ())
    completed = [completion.text for completion in engine.suggest("média", "fr", 5)]
    assert completed[0] == "Médiatrice familiale"
    assert set(completed) == {"Médiatrice familiale", "Médiathèque de Vichy", "Le médiateur social"}


def test_expired_content_is_not_completed(library):
    assert library.suggest("vich", "fr", 5) == library.suggest("témoignage", "fr", 5) == []


@pytest.mark.parametrize(
    "prefix", ["de", "la", "'", "*", '"', "x" * 400, "\x00", "AND", "🙂", "a" * 30 + " " + "b" * 30]
)
def test_no_prefix_raises_an_error(library, prefix):
    assert len(library.suggest(prefix, "fr", 5)) <= 5


def test_an_empty_or_unknown_prefix_has_no_completions(library):
    assert library.suggest("", "fr", 5) == []
    assert library.suggest("zzzz", "fr", 5) == []

"""Every fact of a published document is found by its words; addresses and codes are not words."""

import datetime
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from search.linguistics.tokens import tokens
from search.query.highlighting import mark_terms
from search.search_documents import build_search_document, shown_profession_ids

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"


def mapped(name, **fields):
    data = json.loads((CONTRACTS / f"{name}.json").read_text(encoding="utf-8"))
    return build_search_document(data, sequence=1, expires_at=None, **fields)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("event", ["Deux jours pour découvrir", "Ouverture", "Dominique Exemple", "Moulins", "Comité de pilotage"]),
        ("event", ["Pacte des solidarités", "Lycéens", "Essayer un fauteuil", "Ligne A, arrêt Parc."]),
        ("partnership", ["KA220-VET", "Turin", "autonomie", "Des modules communs.", "Centre de formation"]),
        ("profession", ["Mener un entretien", "K1201", "RNCP34825", "Maison des solidarités"]),
        ("testimonial", ["Bonjour. Je suis assistante sociale.", "On ne s'ennuie jamais.", "Camille"]),
        ("campaign", ["Télétravail", "Vichy", "Deux jours par semaine.", "4 700"]),
    ],
)
def test_facts_are_words(name, words):
    document = mapped(name)
    searched = "\n".join((document.title, *document.names, document.text))
    assert [word for word in words if word not in searched] == []


@pytest.mark.parametrize("name", ["event", "partnership", "profession", "testimonial", "campaign", "home", "standard"])
def test_addresses_markup_and_codes_are_not(name):
    document = mapped(name)
    searched = "\n".join((*document.names, document.text))
    for part in ("http", "<p>", "max-1600x1600", "full", "in_person", "+33", "@", "00000000-0000"):
        assert part not in searched, part


def test_entities_of_html_are_the_characters_that_they_stand_for():
    data = json.loads((CONTRACTS / "standard.json").read_text(encoding="utf-8"))
    data["content"]["body"] = [{"type": "text", "value": "<p>En italien&nbsp;: R&amp;D &lt;ici&gt;</p>"}]
    assert "En italien\u00a0: R&D <ici>" in build_search_document(data, sequence=1, expires_at=None).text


@pytest.mark.parametrize("name", ["event", "profession"])
def test_accents_that_are_letters_of_their_own_are_joined(name):
    text = (CONTRACTS / f"{name}.json").read_text(encoding="utf-8")
    written = [json.loads(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")]
    composed, decomposed = (
        build_search_document(data, sequence=1, expires_at=None, files=[unicodedata.normalize("NFD", "le métier")])
        for data in written
    )
    assert written[0] != written[1]
    assert "le métier" in decomposed.text
    for words in ("title", "summary", "names", "text", "places", "aliases"):
        assert getattr(decomposed, words) == getattr(composed, words)
    named = replace(composed, labels={"fr": (unicodedata.normalize("NFD", "Éducateur"),)})
    assert named.labels == {"fr": ("Éducateur",)}


def test_what_is_marked_keeps_its_no_break_spaces():
    terms = frozenset(token.term for token in tokens("futur", "fr"))
    assert mark_terms("Métiers\n du futur\u00a0: demain", "fr", terms) == "Métiers du <mark>futur</mark>\u00a0: demain"


def test_places_are_departments_and_where_events_are_and_not_what_is_said_about_a_place():
    event = mapped("event")
    assert event.places == ("Allier", "Isere", "Moulins", "Parc des expositions")
    for name in ("partnership", "campaign"):
        document = mapped(name)
        assert set(document.places) <= {"Allier", "Isere"}
        assert ("Turin" if name == "partnership" else "Vichy") in "\n".join((*document.names, document.text))


def test_what_filters_use():
    event = mapped("event")
    assert (event.starts_on, event.ends_on) == (datetime.date(2026, 3, 28), datetime.date(2026, 3, 29))
    assert event.departments == ("allier", "isere")
    assert event.available == ("en", "fr")
    assert event.facets["audience"] == ("Lycéens",)
    partnership = mapped("partnership")
    assert partnership.facets["country"] == ("FI", "FR", "IT")
    assert partnership.facets["tag"] == ("autonomie",)
    assert partnership.starts_on is None


def test_texts_of_files_are_searched():
    assert "le texte du programme" in mapped("event", files=["le texte du programme"]).text


def test_professions_that_a_page_shows_are_known():
    data = json.loads((CONTRACTS / "event.json").read_text(encoding="utf-8"))
    assert shown_profession_ids(data) == ["00000000-0000-4000-8000-000000000005"]

"""The mapping of published documents: all facts are searched; URLs and codes are not."""

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


def contract_document(name, **fields):
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
def test_facts_of_a_document_are_searched(name, words):
    document = contract_document(name)
    searched = "\n".join((document.title, *document.names, document.text))
    assert [word for word in words if word not in searched] == []


@pytest.mark.parametrize("name", ["event", "partnership", "profession", "testimonial", "campaign", "home", "standard"])
def test_urls_markup_and_codes_are_not_searched(name):
    document = contract_document(name)
    searched = "\n".join((*document.names, document.text))
    for part in ("http", "<p>", "max-1600x1600", "full", "in_person", "+33", "@", "00000000-0000"):
        assert part not in searched, part


def test_html_entities_are_decoded():
    data = json.loads((CONTRACTS / "standard.json").read_text(encoding="utf-8"))
    data["content"]["body"] = [{"type": "text", "value": "<p>En italien&nbsp;: R&amp;D &lt;ici&gt;</p>"}]
    assert "En italien\u00a0: R&D <ici>" in build_search_document(data, sequence=1, expires_at=None).text


@pytest.mark.parametrize("name", ["event", "profession"])
def test_decomposed_accents_are_composed(name):
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


def test_highlighted_text_keeps_no_break_spaces():
    terms = frozenset(token.term for token in tokens("futur", "fr"))
    assert mark_terms("Métiers\n du futur\u00a0: demain", "fr", terms) == "Métiers du <mark>futur</mark>\u00a0: demain"


def test_places_are_departments_towns_and_venues_only():
    event = contract_document("event")
    assert event.places == ("Allier", "Isere", "Moulins", "Parc des expositions")
    for name in ("partnership", "campaign"):
        document = contract_document(name)
        assert set(document.places) <= {"Allier", "Isere"}
        assert ("Turin" if name == "partnership" else "Vichy") in "\n".join((*document.names, document.text))


def test_filter_values_of_a_document():
    event = contract_document("event")
    assert (event.starts_on, event.ends_on) == (datetime.date(2026, 3, 28), datetime.date(2026, 3, 29))
    assert event.departments == ("allier", "isere")
    assert event.available == ("en", "fr")
    assert event.facets["audience"] == ("Lycéens",)
    partnership = contract_document("partnership")
    assert partnership.facets["country"] == ("FI", "FR", "IT")
    assert partnership.facets["tag"] == ("autonomie",)
    assert partnership.starts_on is None


def test_file_texts_are_searched():
    assert "le texte du programme" in contract_document("event", files=["le texte du programme"]).text


def test_ids_of_shown_professions():
    data = json.loads((CONTRACTS / "event.json").read_text(encoding="utf-8"))
    assert shown_profession_ids(data) == ["00000000-0000-4000-8000-000000000005"]

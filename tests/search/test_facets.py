"""A facet is declared once: the checks name each part that it lacks, and a complete one works everywhere."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.core.checks import run_checks

from cms.pages.models import EventPage
from search import facets
from search.engines.contract import EngineUnavailable
from search.engines.elasticsearch.engine import ElasticsearchStore
from search.engines.embedded.engine import EmbeddedStore
from search.facets import Facet
from search.query.search_query import SearchQuery
from tests.factories.departments import make_department
from tests.factories.pages import make_page

from .engines.samples import document

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"
CITY = Facet("city", "City", paths=("content.venue.city",), position=15)


@pytest.fixture
def declare(monkeypatch):
    """Return a function that adds facets to the declarations."""
    return lambda *added: monkeypatch.setattr(facets, "FACETS", (*facets.FACETS, *added))


def search_errors():
    return {(error.id, error.obj) for error in run_checks(tags=["search"])}


def test_the_declared_facets_are_complete():
    assert search_errors() == set()


@pytest.mark.parametrize("facet", [facet for facet in facets.FACETS if facet.paths], ids=lambda facet: facet.name)
def test_each_path_of_a_facet_has_a_value_in_a_contract_document(facet):
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in CONTRACTS.glob("*.json")]
    for path in facet.paths:
        values = [Facet(facet.name, paths=(path,)).values_in(data) for data in documents if "content" in data]
        assert any(values), path


@pytest.mark.parametrize(
    ("facet", "error"),
    [
        (Facet("type", "Kind", attribute="type"), "cms_search.E011"),
        (Facet("page", "City", paths=("content.venue.city",)), "cms_search.E012"),
        (Facet("owner", "City", paths=("content.venue.city",)), "cms_search.E012"),
        (Facet("City!", "City", paths=("content.venue.city",)), "cms_search.E012"),
        (Facet("city", paths=("content.venue.city",)), "cms_search.E013"),
        (Facet("city", "City"), "cms_search.E014"),
        (Facet("city", "City", paths=("content.venue.city",), attribute="places"), "cms_search.E014"),
        (Facet("city", "City", attribute="cities"), "cms_search.E015"),
        (Facet("city", "City", paths=("venue.city",)), "cms_search.E016"),
        (Facet("city", "City", paths=("content",)), "cms_search.E016"),
        (Facet("city", "City", paths=("content.venue.city",), widget="map"), "reader.E011"),
        (Facet("city", "City", paths=("content.venue.city",), vocabulary="cities"), "reader.E012"),
    ],
)
def test_the_checks_name_the_part_that_a_facet_lacks(declare, facet, error):
    declare(facet)
    assert {identifier for identifier, _facet in search_errors()} == {error}


def test_the_checks_name_every_missing_part_at_once(declare):
    declare(Facet("city", widget="map", vocabulary="cities"))
    errors = search_errors()
    assert {identifier for identifier, _facet in errors} == {
        "cms_search.E013", "cms_search.E014", "reader.E011", "reader.E012",
    }  # fmt: skip
    assert {facet for _identifier, facet in errors} == {"facet “city”"}


@pytest.mark.django_db
def test_a_complete_facet_is_counted_and_filtered_by_engine_api_and_reader(
    each_engine, declare, client, commits, search_index
):
    declare(CITY)
    assert search_errors() == set()
    with commits():
        allier = make_department("allier")
        for title, city in (("Festival du travail", "Moulins"), ("Festival des métiers", "Vichy")):
            make_page(EventPage, allier, title=title, venue_name="Salle", venue_city=city)
    engine = search_index()
    filtered = engine.search(SearchQuery(filters={"city": ("Vichy",)}))
    assert filtered.count == 1
    assert dict(filtered.facets["city"]) == {"Moulins": 1, "Vichy": 1}
    assert dict(filtered.facets["type"]) == {"event": 1}

    assert client.get("/api/v1/search/capabilities/").json()["facets"][-1] == "city"
    answer = client.get("/api/v1/search/", {"q": "festival", "city": "Vichy"}).json()
    assert [result["title"] for result in answer["results"]] == ["Festival des métiers"]
    assert {"value": "Moulins", "count": 1} in answer["facets"]["city"]

    response = client.get("/search/?q=festival&city=Vichy&language=fr", headers={"host": "allier.example.test"})
    page = BeautifulSoup(response.content, "html.parser")
    assert [hit.get_text() for hit in page.select(".search-hits h3")] == ["Festival des métiers"]
    (fieldset,) = [each for each in page.select("fieldset") if each.legend.get_text() == "City"]
    assert [field["value"] for field in fieldset.select("input[name=city]")] == ["Moulins", "Vichy"]
    assert [field["value"] for field in fieldset.select("input[checked]")] == ["Vichy"]


def test_an_undeclared_facet_is_no_parameter(client):
    assert client.get("/api/v1/search/", {"city": "Vichy"}).status_code == 400


def test_an_embedded_index_that_was_made_without_the_facet_is_refused(declare, tmp_path):
    EmbeddedStore(tmp_path).open("old").apply([document(1, "Festival")], ())
    declare(CITY)
    with pytest.raises(EngineUnavailable, match="old has other fields than this version writes; run search_rebuild"):
        EmbeddedStore(tmp_path).open("old")


@pytest.mark.elasticsearch
def test_an_elasticsearch_index_that_was_made_without_the_facet_takes_no_documents(declare, tmp_path, settings):
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French")]
    store = ElasticsearchStore(tmp_path, prefix="test-facets")
    try:
        engine = store.open("old")
        declare(CITY)
        with pytest.raises(EngineUnavailable, match="changes were refused"):
            engine.apply([document(1, "Festival", facets={"city": ("Vichy",)})], ())
    finally:
        store.remove("old")

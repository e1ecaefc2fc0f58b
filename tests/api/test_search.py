"""The search endpoints of the API: parameters, responses and errors."""

import pytest

from cms.pages.models import EventPage, StandardPage
from search.curation import cached_tables
from tests.factories.departments import make_department
from tests.factories.pages import make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(commits, search_index):
    with commits():
        allier, isere = make_department("allier"), make_department("isere")
        make_page(StandardPage, allier, title="Chimpanzé <b>")
        make_page(EventPage, isere, title="Fête du chimpanzé")
    return search_index()


def test_a_response_has_hits_facets_and_pages(client, library, django_assert_num_queries):
    # A process reads once more what has changed, here what a test before this one left.
    cached_tables.refresh_cached_tables()
    with django_assert_num_queries(3):
        answer = client.get("/api/v1/search/", {"q": "chimpanzé", "page_size": "1", "locale": "fr"}).json()
    assert (answer["count"], answer["previous"], len(answer["results"])) == (2, None, 1)
    assert "page=2" in answer["next"]
    assert {"value": "isere", "count": 1} in answer["facets"]["department"]
    assert answer["locales"][:3] == ["fr", "en", "it"]
    assert answer["results"][0].keys() >= {"id", "type", "locale", "title", "summary", "url"}


def test_fragments_are_returned_on_request(client, library):
    answer = client.get("/api/v1/search/", {"q": "chimpanzés", "highlight": "true", "type": "standard"}).json()
    assert answer["results"][0]["highlight"]["title"] == "<mark>Chimpanzé</mark> &lt;b&gt;"


def test_filters_take_several_values(client, library):
    answer = client.get("/api/v1/search/", {"type": "event,standard"}).json()
    assert answer["count"] == 2
    assert client.get("/api/v1/search/", {"department": "isere", "type": "event"}).json()["count"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("locale", "xx"), ("type", "event,x"), ("department", "nobody"), ("sort", "random"), ("from", "21/03/2026"),
        ("page", "0"), ("page_size", "101"), ("highlight", "yes"), ("q", "x" * 401), ("tag", "a,,b"),
        ("concept", "x" * 201), ("concept", " "), ("q", "x" * 10_000),
        ("concept", "http://data.europa.eu/esco/occupation/"),
    ],
)  # fmt: skip
def test_an_invalid_parameter_is_refused_by_name(client, library, name, value):
    response = client.get("/api/v1/search/", {name: value})
    assert response.status_code == 400
    assert response.json()["parameter"] == name


def test_days_in_the_wrong_order_are_refused(client, library):
    response = client.get("/api/v1/search/", {"from": "2026-03-02", "to": "2026-03-01"})
    assert (response.status_code, response.json()["parameter"]) == (400, "to")


def test_paging_has_a_limit(client, library):
    response = client.get("/api/v1/search/", {"page": "1000", "page_size": "20"})
    assert (response.status_code, response.json()["type"]) == (404, "/problems/page-not-found")


@pytest.mark.parametrize("q", ["AND", "*", '"', "a:b", "\x00", "-", "(", "%"])
def test_special_characters_are_ordinary_words(client, library, q):
    assert client.get("/api/v1/search/", {"q": q}).status_code == 200


def test_completions(client, library):
    results = client.get("/api/v1/search/suggest/", {"q": "fete"}).json()["results"]
    assert [result["text"] for result in results] == ["Fête du chimpanzé"]
    assert client.get("/api/v1/search/suggest/", {"q": ""}).json() == {"results": [], "partial": False}


def test_completions_of_a_department_come_from_its_site(client, library):
    def completed(q, **parameters):
        answer = client.get("/api/v1/search/suggest/", {"q": q, "locale": "fr"} | parameters).json()
        return [result["text"] for result in answer["results"]]

    assert sorted(completed("chimp")) == ["Chimpanzé <b>", "Fête du chimpanzé"]
    assert completed("chimp", department="isere") == ["Fête du chimpanzé"]
    assert completed("chimp", department="allier") == ["Chimpanzé <b>"]


@pytest.mark.parametrize("value", ["nobody", "", "allier,isere", "\x00"])
def test_completions_of_an_unknown_department_are_refused(client, library, value):
    response = client.get("/api/v1/search/suggest/", {"q": "chimp", "department": value})
    assert (response.status_code, response.json()["parameter"]) == (400, "department")


def test_similar_contents(client, library):
    content = client.get("/api/v1/events/").json()["results"][0]
    results = client.get(f"/api/v1/contents/{content['id']}/similar/").json()["results"]
    assert results[0]["title"] == "Chimpanzé <b>"
    missing = client.get("/api/v1/contents/00000000-0000-4000-8000-000000000000/similar/")
    assert missing.status_code == 404


def test_a_place_is_suggested_and_finds_its_documents(client, search_index, commits):
    with commits():
        allier = make_department("allier")
        make_page(EventPage, allier, title="Festival", venue_name="Salle des fêtes", venue_city="Moulins")
    search_index()
    for typed, text in (("moul", "Moulins"), ("alli", "Allier"), ("fêtes", "Salle des fêtes")):
        results = client.get("/api/v1/search/suggest/", {"q": typed, "locale": "fr"}).json()["results"]
        assert {"text": text, "kind": "place", "id": None, "locale": ""} in results
        found = client.get("/api/v1/search/", {"q": text}).json()["results"]
        assert "Festival" in {card["title"] for card in found}


def test_capabilities(client):
    capabilities = client.get("/api/v1/search/capabilities/").json()
    assert capabilities["engine"] == "embedded"
    assert "relevance" in capabilities["sort"]


def test_an_unavailable_engine_answers_503_and_delays_nothing_else(
    client, settings, tmp_path, commits, background, caplog
):
    settings.SEARCH_ENGINE, settings.ELASTICSEARCH_URL = "elasticsearch", "http://127.0.0.1:9"
    settings.SEARCH_FOLDER, settings.SEARCH_UPDATES = tmp_path, "task"
    with commits():
        page = make_page(StandardPage, make_department("allier"), title="Chimpanzé")
    for url in ("search/", "search/suggest/?q=a", f"contents/{page.translation_key}/similar/"):
        response = client.get(f"/api/v1/{url}")
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert response.json()["type"] == "/problems/search-unavailable"
    assert client.get(f"/api/v1/contents/{page.translation_key}/").json()["title"] == "Chimpanzé"
    background.finish()
    assert "the search index is behind" in caplog.text
    assert client.get("/search/?q=a", headers={"host": "allier.example.test"}).status_code == 503

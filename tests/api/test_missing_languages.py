"""Documents in the fallback languages of a missing language, and all languages of one content."""

from itertools import pairwise, permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.delivery.change_feed import changes
from cms.delivery.models import Placement
from sites.lifecycle.language_fallbacks import set_fallbacks
from tests.factories.documents import DepartmentFactory, DocumentFactory

from .test_documents import CONTENTS, ids, key, translation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def allier():
    department = DepartmentFactory.create(slug="allier", locales=["fr", "en", "it"])
    set_fallbacks(department, {"it": "en", "en": "fr"})
    return department


def languages(answer):
    return [answer[name] for name in ("locale", "language", "requested_language", "fallback_from")]


def test_a_missing_content_is_answered_in_the_next_language_that_exists(client, allier):
    french = DocumentFactory.create(department=allier)
    url = f"{CONTENTS}{french.content_id}/"
    response = client.get(url, {"locale": "it"})
    assert languages(response.json()) == ["fr", "fr", "it", "it"]
    assert response.headers["Content-Language"] == "fr"
    english = translation_of(french, "en")
    response = client.get(url, {"locale": "it"})
    assert languages(response.json()) == ["en", "en", "it", "it"]
    assert client.get(url, {"locale": "it"}, headers={"If-None-Match": response["ETag"]}).status_code == 304
    translation_of(french, "it")
    assert languages(client.get(url, {"locale": "it"}).json()) == ["it", "it", "it", None]
    assert languages(client.get(url).json()) == ["fr", "fr", None, None]
    english.delete()


def test_without_a_chain_or_without_fallback_it_is_missing(client, allier):
    french = DocumentFactory.create(department=allier)
    elsewhere = DocumentFactory.create(department=DepartmentFactory.create(locales=["fr", "it"]))
    refused = client.get(f"{CONTENTS}{french.content_id}/", {"locale": "it", "fallback": "false"})
    assert refused.status_code == 404
    assert refused.json()["type"] == "/problems/locale-not-found"
    for content, code in ((french, "de"), (elsewhere, "it")):
        assert client.get(f"{CONTENTS}{content.content_id}/", {"locale": code}).status_code == 404


@pytest.mark.parametrize(
    "query", [{"fallback": "true"}, {"locale": "*", "fallback": "true"}, {"locale": "it", "fallback": "1"}]
)
def test_a_fallback_needs_a_language(client, allier, query):
    french = DocumentFactory.create(department=allier)
    for url in (CONTENTS, f"{CONTENTS}{french.content_id}/"):
        response = client.get(url, query)
        assert (response.status_code, response.json()["parameter"]) == (400, "fallback")


def test_a_list_has_each_content_once_in_the_best_language(client, allier):
    isere = DepartmentFactory.create(slug="isere", locales=["fr", "it"])
    set_fallbacks(isere, {"it": "fr"})
    only_french, in_english, in_italian = (DocumentFactory.create(department=allier) for _number in range(3))
    english, italian = translation_of(in_english, "en"), translation_of(in_italian, "it")
    theirs, without_chain = DocumentFactory.create(department=isere), DocumentFactory.create()
    response = client.get(CONTENTS, {"locale": "it", "fallback": "true"})
    assert ids(response) == [key(only_french), key(english), key(italian), key(theirs)]
    assert [each["fallback_from"] for each in response.json()["results"]] == ["it", "it", None, "it"]
    assert "Content-Language" not in response.headers
    assert ids(client.get(CONTENTS, {"locale": "it"})) == [key(italian)]
    wanted = {"locale": "it", "fallback": "true", "department": "isere"}
    assert ids(client.get("/api/v1/events/", wanted)) == [key(theirs)]
    assert key(without_chain) not in ids(response)


def test_what_exists_is_what_the_site_shows(client, allier):
    """A department without Italian mirrors the French page only, whatever its owner has."""
    guest = DepartmentFactory.create(slug="isere", locales=["fr"])
    french = DocumentFactory.create(department=allier)
    translation_of(french, "it")
    Placement.objects.create(document=french, department=guest, path="/fr/x/", is_canonical=False)
    wanted = {"locale": "it", "fallback": "true", "department": "isere"}
    assert ids(client.get(CONTENTS, wanted)) == [key(french)]


def test_pages_of_a_list_with_fallbacks_take_a_constant_number_of_queries(client, allier):
    def request(page=1):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(CONTENTS, {"locale": "it", "fallback": "true", "page_size": 2, "page": page})
        return ids(response), len(captured)

    documents = [DocumentFactory.create(department=allier) for _number in range(3)]
    _first, before = request()
    documents += [DocumentFactory.create(department=allier) for _number in range(4)]
    translation_of(documents[3], "it")
    pages = [request(page) for page in (1, 2, 3, 4)]
    assert {number for _ids, number in pages} == {before}
    found = [content for page, _number in pages for content, _locale in page]
    assert sorted(found) == sorted(str(document.content_id) for document in documents)


def test_the_condition_of_a_list_does_not_grow_with_the_number_of_chains(client):
    """Each department has a chain of its own: another order of the fallback languages of Italian."""
    lengths, codes = [], ("fr", "en", "es", "de")
    chains = list(permutations(codes))
    for number, chain in enumerate(chains):
        department = DepartmentFactory.create(slug=f"department-{number}", locales=[*codes, "it"])
        set_fallbacks(department, dict(pairwise(("it", *chain))))
        french = DocumentFactory.create(department=department)
        german = translation_of(french, "de")
        with CaptureQueriesContext(connection) as captured:
            response = client.get(CONTENTS, {"locale": "it", "fallback": "true", "department": department.slug})
        assert ids(response) == [key(german if chain.index("de") < chain.index("fr") else french)]
        lengths.append(max(query["sql"].count("EXISTS") for query in captured))
    assert max(lengths[12:]) <= lengths[1]


def test_the_change_feed_has_the_documents_themselves(client, allier):
    french = DocumentFactory.create(department=allier)
    client.get(f"{CONTENTS}{french.content_id}/", {"locale": "it"})
    assert [(row.locale, "fallback_from" in row.data) for row in changes()] == [("fr", False)]


def test_all_languages_of_one_content(client, allier):
    french = DocumentFactory.create(department=allier)
    italian, english = translation_of(french, "it"), translation_of(french, "en", withdrawn=True)
    response = client.get(f"{CONTENTS}{french.content_id}/", {"locale": "*"})
    assert ids(response) == [key(french), key(italian)]
    assert (response.json()["count"], response.headers["Content-Language"]) == (2, "fr, it")
    assert all(each["requested_language"] is None for each in response.json()["results"])
    assert ids(client.get(CONTENTS, {"locale": "*"})) == ids(client.get(CONTENTS))
    french.delete()
    italian.delete()
    assert client.get(f"{CONTENTS}{english.content_id}/", {"locale": "*"}).status_code == 404


def test_departments_say_their_chains(client, allier):
    (department,) = client.get("/api/v1/departments/").json()["results"]
    assert {each["code"]: each["fallbacks"] for each in department["locales"]} == {
        "fr": [], "en": ["fr"], "it": ["en", "fr"],
    }  # fmt: skip

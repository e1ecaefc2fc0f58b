"""Lists of documents and single documents: content, number of queries, and headers for caches."""

import datetime
import json
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from cms.api.renderers import answered
from cms.delivery.models import PublishedDocument
from tests.factories.documents import DepartmentFactory, DocumentFactory

pytestmark = pytest.mark.django_db

CONTENTS = "/api/v1/contents/"
TYPE_LISTS = {
    "professions": "profession",
    "testimonials": "testimonial",
    "events": "event",
    "partnerships": "partnership",
    "campaigns": "campaign",
}


def ids(response):
    assert response.status_code == 200, response.content
    return [(result["id"], result["locale"]) for result in response.json()["results"]]


def key(document):
    return (str(document.content_id), document.locale)


def translation_of(document, locale, **values):
    return DocumentFactory.create(
        content_id=document.content_id,
        department=document.department,
        type=document.type,
        locale=locale,
        is_original=False,
        **values,
    )


def test_a_list_contains_every_language_in_a_stable_order(client: Client) -> None:
    first, second = DocumentFactory.create(), DocumentFactory.create()
    translation = translation_of(first, "en")
    response = client.get(CONTENTS)
    assert ids(response) == [key(first), key(second), key(translation)]
    assert response.headers["Content-Type"] == "application/json"
    assert {name: response.json()[name] for name in ("count", "next", "previous")} == {
        "count": 3,
        "next": None,
        "previous": None,
    }


def test_results_are_the_stored_documents_byte_for_byte(client: Client) -> None:
    # No JSON serializer would write this body.
    other = '"id":"","type":"","locale":"","content":{}}'
    DocumentFactory.create(body='{ "title":"\\u00e9té" ,"n":1.0,' + other)
    expected = b'"results":[{ "title":"\\u00e9t\xc3\xa9" ,"n":1.0,' + other[:-1].encode() + b',"language":"fr",'
    assert expected in client.get(CONTENTS).content


@pytest.mark.parametrize(("name", "document_type"), TYPE_LISTS.items())
def test_a_type_has_its_own_list(client: Client, name: str, document_type: str) -> None:
    department = DepartmentFactory.create()
    documents = {
        document_type: DocumentFactory.create(type=document_type, department=department)
        for document_type in TYPE_LISTS.values()
    }
    assert ids(client.get(f"/api/v1/{name}/")) == [key(documents[document_type])]
    assert ids(client.get(CONTENTS, {"type": document_type})) == [key(documents[document_type])]


def test_filters_narrow_together(client: Client) -> None:
    department = DepartmentFactory.create(slug="allier")
    event = DocumentFactory.create(department=department)
    english = translation_of(event, "en")
    profession = DocumentFactory.create(department=department, type="profession")
    elsewhere = DocumentFactory.create()
    assert ids(client.get(CONTENTS, {"department": "allier"})) == [key(event), key(english), key(profession)]
    assert ids(client.get(CONTENTS, {"locale": "fr"})) == [key(event), key(profession), key(elsewhere)]
    wanted = {"department": "allier", "locale": "en", "type": "event"}
    assert ids(client.get(CONTENTS, wanted)) == [key(english)]
    assert ids(client.get("/api/v1/events/", {"department": "allier", "locale": "fr"})) == [key(event)]


def test_the_department_filter_follows_placements(client: Client) -> None:
    guest = DepartmentFactory.create(slug="isere")
    shared = DocumentFactory.create(also_on=[guest])
    DocumentFactory.create()
    assert ids(client.get(CONTENTS, {"department": "isere"})) == [key(shared)]
    assert client.get(CONTENTS).json()["count"] == 2


def test_documents_that_are_not_public_are_hidden(client: Client) -> None:
    past = timezone.now() - datetime.timedelta(seconds=1)
    hidden = [DocumentFactory.create(withdrawn=True), DocumentFactory.create(expires_at=past)]
    shown = DocumentFactory.create(expires_at=timezone.now() + datetime.timedelta(hours=1))
    assert ids(client.get(CONTENTS)) == [key(shown)]
    for document in hidden:
        for url in (f"{CONTENTS}{document.content_id}/", f"{CONTENTS}{document.content_id}/?locale=fr"):
            assert client.get(url).status_code == 404


def test_pages_link_to_each_other_and_keep_the_filters(client: Client) -> None:
    department = DepartmentFactory.create(slug="allier")
    documents = DocumentFactory.create_batch(5, department=department)
    DocumentFactory.create(department=department, locale="en")
    url, seen, previous = f"{CONTENTS}?locale=fr&department=allier&page_size=2", [], []
    while url:
        answer = client.get(url).json()
        assert answer["count"] == 5
        seen += [result["id"] for result in answer["results"]]
        previous.append(answer["previous"])
        url = answer["next"]
    assert seen == [str(document.content_id) for document in documents]
    start = "http://testserver/api/v1/contents/?locale=fr&department=allier&page_size=2&page="
    assert previous == [None, start + "1", start + "2"]


def test_a_page_holds_20_documents_unless_asked_for_otherwise(client: Client) -> None:
    DocumentFactory.create_batch(101, department=DepartmentFactory.create())
    assert len(client.get(CONTENTS).json()["results"]) == 20
    assert len(client.get(CONTENTS, {"page_size": "100"}).json()["results"]) == 100
    assert len(client.get(CONTENTS, {"page_size": "1"}).json()["results"]) == 1


def test_an_empty_list_has_a_first_page(client: Client) -> None:
    assert client.get(CONTENTS, {"page": "1"}).json() == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
    }


@pytest.mark.parametrize("number", [10, 1000])
def test_the_number_of_queries_is_constant(client: Client, django_assert_max_num_queries, number: int) -> None:
    department = DepartmentFactory.create(slug="allier")
    document = DocumentFactory.create_batch(number, department=department)[0]
    for query in ({}, {"department": "allier", "locale": "fr", "type": "event", "page_size": "100"}):
        with django_assert_max_num_queries(4):
            assert client.get(CONTENTS, query).json()["count"] == number
    for url in (f"{CONTENTS}{document.content_id}/", f"{CONTENTS}{document.content_id}/?locale=fr"):
        with django_assert_max_num_queries(1):
            assert client.get(url).status_code == 200


def test_a_content_is_returned_in_its_original_language_or_in_the_requested_one(client: Client) -> None:
    # The translation was published first.
    content_id = uuid.uuid4()
    department = DepartmentFactory.create()
    translation = DocumentFactory.create(content_id=content_id, locale="fr", is_original=False, department=department)
    original = DocumentFactory.create(content_id=content_id, locale="it", department=department)
    url = f"{CONTENTS}{content_id}/"
    assert client.get(url).content.decode() == answered(original.body, "it")
    assert client.get(url).headers["Content-Language"] == "it"
    assert client.get(url, {"locale": "fr"}).content.decode() == answered(translation.body, "fr", "fr")
    original.delete()
    assert client.get(url).content.decode() == answered(translation.body, "fr")


def test_an_error_names_a_content_that_does_not_exist(client: Client) -> None:
    content_id = str(uuid.uuid4())
    for url in (f"{CONTENTS}{content_id}/", f"{CONTENTS}{content_id}/?locale=en"):
        problem = client.get(url).json()
        assert (problem["status"], problem["type"]) == (404, "/problems/not-found")
        assert (problem["parameter"], problem["value"]) == ("id", content_id)


@pytest.mark.parametrize(
    "malformed",
    [
        "42",
        "raconte-moi",
        "%00",
        "%C3%A9",
        "{1b4e28ba-2fa1-11d2-883f-0016d3cca427}",
        "1b4e28ba2fa111d2883f0016d3cca427",
    ],
)
def test_an_error_names_a_malformed_id(client: Client, malformed: str) -> None:
    problem = client.get(f"{CONTENTS}{malformed}/").json()
    assert (problem["status"], problem["parameter"]) == (404, "id")
    assert problem["value"] in problem["detail"]


def test_an_error_names_the_missing_language_and_the_available_ones(client: Client) -> None:
    document = DocumentFactory.create()
    translation_of(document, "it")
    translation_of(document, "en", withdrawn=True)
    response = client.get(f"{CONTENTS}{document.content_id}/", {"locale": "en"})
    problem = response.json()
    assert (response.status_code, problem["type"]) == (404, "/problems/locale-not-found")
    assert (problem["parameter"], problem["value"], problem["allowed"]) == ("locale", "en", ["fr", "it"])


@pytest.mark.parametrize("if_none_match", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
def test_a_matching_etag_returns_304(client: Client, if_none_match: str) -> None:
    document = DocumentFactory.create()
    url = f"{CONTENTS}{document.content_id}/"
    response = client.get(url)
    assert response.headers["ETag"] == f'"{document.etag}"'
    again = client.get(url, headers={"If-None-Match": if_none_match.format(document.etag)})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == response.headers["ETag"]
    assert again.headers["Cache-Control"] == response.headers["Cache-Control"]
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(url, headers={"If-None-Match": document.etag}).status_code == 200  # not quoted: no ETag


def test_responses_may_be_cached_and_read_by_scripts_of_any_site(client: Client) -> None:
    document = DocumentFactory.create()
    for url in (CONTENTS, f"{CONTENTS}{document.content_id}/"):
        headers = client.get(url).headers
        assert headers["Cache-Control"] == "public, max-age=60"
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in headers["Access-Control-Expose-Headers"]
        assert "Vary" not in headers
        assert "Set-Cookie" not in headers


def test_responses_do_not_depend_on_the_session(client: Client, django_user_model) -> None:
    DocumentFactory.create()
    anonymous = client.get(CONTENTS)
    client.force_login(django_user_model.objects.create_superuser("root", "root@example.test", "a long password"))
    logged_in = client.get(CONTENTS)
    assert (logged_in.content, dict(logged_in.headers)) == (anonymous.content, dict(anonymous.headers))


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    document = DocumentFactory.create()
    response = client.head(f"{CONTENTS}{document.content_id}/")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["ETag"] == f'"{document.etag}"'


@pytest.mark.parametrize("body", ["not JSON", "[]", '{"id": 1}'])
def test_a_body_that_is_no_document_is_left_out_of_lists_and_asked_for_again(client: Client, body: str) -> None:
    broken, other = DocumentFactory.create_batch(2)
    PublishedDocument.objects.filter(pk=broken.pk).update(body=body)
    assert [item["id"] for item in client.get(CONTENTS).json()["results"]] == [str(other.content_id)]
    response = client.get(f"{CONTENTS}{broken.content_id}/")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response.json()["type"] == "/problems/document-unreadable"


def test_the_factory_creates_documents_with_all_keys() -> None:
    body = json.loads(DocumentFactory.create().body)
    assert list(body) == [
        *("id", "type", "locale", "department", "departments", "holders", "title", "slug", "summary", "path", "url"),
        *("image", "first_published_at", "last_published_at", "origin", "translation", "alternates", "content"),
    ]

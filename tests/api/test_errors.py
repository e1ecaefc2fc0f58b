"""Errors are problem documents that name the invalid part of the request and the valid values."""

import json
import logging

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client
from django.utils import translation
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from cms.api.document_views import DocumentListView
from tests.factories.documents import DepartmentFactory, DocumentFactory

LANGUAGES = [code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES]


def problem_of(response):
    """Return the problem document of a response, after checking its form."""
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers.get("Cache-Control", "no-store") == "no-store"
    problem = response.json()
    assert list(problem)[:5] == ["type", "title", "status", "detail", "instance"]
    assert problem["type"].startswith("/problems/")
    assert problem["status"] == response.status_code
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["contents", "events"])
@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ("colour=red", "colour", "red"),
        ("Locale=fr", "Locale", "fr"),
        ("format=json", "format", "json"),
        ("%00=1", "\x00", "1"),
        ("=1", "", "1"),
        ("été=1", "été", "1"),
        ("locale=xx", "locale", "xx"),
        ("locale=", "locale", ""),
        ("locale=FR", "locale", "FR"),
        ("locale=%00", "locale", "\x00"),
        ("locale=%FF", "locale", "\ufffd"),
        ("department=atlantis", "department", "atlantis"),
        ("department=", "department", ""),
        ("department=allier%00", "department", "allier\x00"),
        ("department=ALLIER", "department", "ALLIER"),
        ("department=h%C3%A9rault", "department", "hérault"),
        ("page=0", "page", "0"),
        ("page=-1", "page", "-1"),
        ("page=1.0", "page", "1.0"),
        ("page=1e3", "page", "1e3"),
        ("page=last", "page", "last"),
        ("page=%00", "page", "\x00"),
        ("page=１", "page", "１"),
        ("page=1%0A", "page", "1\n"),
        ("page=", "page", ""),
        ("page_size=0", "page_size", "0"),
        ("page_size=101", "page_size", "101"),
        ("page_size=²", "page_size", "²"),
        ("page_size=99999999999999999999", "page_size", "99999999999999999999"),
    ],
)
def test_an_invalid_parameter_of_a_list_is_named(client, name, query, parameter, value) -> None:
    DocumentFactory.create(department=DepartmentFactory.create(slug="allier"))
    response = client.get(f"/api/v1/{name}/?{query}")
    problem = problem_of(response)
    assert response.status_code == 400
    assert (problem["parameter"], problem["value"]) == (parameter, value)
    assert problem["allowed"]
    assert parameter in problem["detail"]
    assert problem["instance"].startswith(f"/api/v1/{name}/?")


@pytest.mark.django_db
def test_an_error_lists_the_valid_values(client: Client) -> None:
    DepartmentFactory.create(slug="allier", code="03")
    DepartmentFactory.create(slug="isere", code="38")

    def allowed(query, name="contents"):
        return problem_of(client.get(f"/api/v1/{name}/?{query}"))["allowed"]

    assert allowed("locale=xx") == LANGUAGES
    assert allowed("department=xx") == ["allier", "isere"]
    assert "testimonial" in allowed("type=xx")
    assert allowed("xx=1") == ["department", "locale", "fallback", "type", "page", "page_size"]
    assert allowed("xx=1", "departments") == ["page", "page_size"]
    assert allowed("page_size=101") == "a whole number from 1 to 100"


@pytest.mark.django_db
def test_a_list_of_one_type_has_no_type_parameter(client: Client) -> None:
    problem = problem_of(client.get("/api/v1/events/?type=event"))
    assert (problem["type"], problem["parameter"]) == ("/problems/unknown-parameter", "type")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["locale=fr&locale=en", "locale=fr&locale=fr", "page=1&page=2"])
def test_a_repeated_parameter_is_an_error(client: Client, query: str) -> None:
    problem = problem_of(client.get(f"/api/v1/contents/?{query}"))
    assert (problem["status"], problem["type"]) == (400, "/problems/repeated-parameter")
    assert problem["parameter"] == query.partition("=")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["2", "9223372036854775808", "9" * 4000], ids=len)
@pytest.mark.parametrize("name", ["contents", "departments"])
def test_a_page_past_the_end_is_not_found(client: Client, name: str, number: str) -> None:
    DocumentFactory.create()
    problem = problem_of(client.get(f"/api/v1/{name}/?page={number}"))
    assert (problem["status"], problem["type"]) == (404, "/problems/page-not-found")
    assert problem["parameter"] == "page"
    assert number.startswith(problem["value"])


@pytest.mark.django_db
def test_a_number_that_python_does_not_convert_is_rejected(client: Client) -> None:
    problem = problem_of(client.get("/api/v1/contents/?page=" + "9" * 5000))
    assert problem["status"] == 400
    assert len(problem["value"]) < 300


@pytest.mark.django_db
def test_more_parameters_than_django_parses_are_rejected(client: Client, settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    problem = problem_of(client.get("/api/v1/contents/?" + "&".join(f"p{n}=1" for n in range(20))))
    assert (problem["status"], problem["type"]) == (400, "/problems/bad-request")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["locale=xx", "local=fr", "locale=fr&locale=en", "locale=%00"])
def test_a_content_accepts_known_languages_only(client: Client, query: str) -> None:
    document = DocumentFactory.create()
    assert problem_of(client.get(f"/api/v1/contents/{document.content_id}/?{query}"))["status"] == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["nothing/", "nothing", "contents", "events/42/", "contents/a/b/", "%00", "%0A", "é/", "/", "a//b"],
)
def test_an_unknown_url_returns_a_problem_document(client: Client, path: str) -> None:
    for method in (client.get, client.post, client.put, client.patch, client.delete, client.options):
        response = method(f"/api/v1/{path}")
        assert response.status_code == 404
        assert "/api/v1/" in problem_of(response)["detail"]
    head = client.head(f"/api/v1/{path}")
    assert (head.status_code, head.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    for path in ("", "departments/", "contents/", "contents/x/"):
        response = getattr(client, method)(f"/api/v1/{path}")
        assert problem_of(response)["type"] == "/problems/method-not-allowed"
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.django_db
def test_an_unavailable_format_returns_a_problem_document(client: Client) -> None:
    response = client.get("/api/v1/contents/", headers={"Accept": "application/xml"})
    assert (response.status_code, problem_of(response)["type"]) == (406, "/problems/not-acceptable")


@pytest.mark.django_db
def test_texts_are_not_translated(client: Client) -> None:
    with translation.override("fr"):
        assert problem_of(client.post("/api/v1/contents/"))["title"] == "Method not allowed"


@pytest.mark.django_db
def test_an_internal_error_is_logged_and_shows_no_details(client, monkeypatch, caplog) -> None:
    def fail(*args, **kwargs):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(DocumentListView, "get", fail)
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR, logger="django.request"):
        response = client.get("/api/v1/contents/")
    assert problem_of(response)["type"] == "/problems/internal-error"
    assert response.status_code == 500
    assert b"hunter2" not in response.content
    assert [record.exc_info[0] for record in caplog.records] == [RuntimeError]
    client.raise_request_exception = True
    with pytest.raises(RuntimeError):
        client.get("/api/v1/contents/")


class RebuildInProgress(exceptions.APIException):
    """An exception with a problem type, as a package defines it that may not import cms.api."""

    status_code = 409
    problem_type = "index-is-being-rebuilt"
    title = "The index is being rebuilt"
    members = {"progress": 40}


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (Http404("No Page matches"), (404, "not-found", "There is nothing at this address.")),
        (PermissionDenied("secret"), (403, "permission-denied", "This is not allowed to you.")),
        (SuspiciousOperation("secret"), (400, "bad-request", "The request cannot be read.")),
        (exceptions.ParseError("JSON: line 1"), (400, "bad-request", "JSON: line 1")),
        (exceptions.UnsupportedMediaType("text/csv"), (415, "unsupported-media-type", None)),
        (exceptions.NotAuthenticated(), (403, "not-authenticated", "This address needs credentials.")),
        (RebuildInProgress("Come back."), (409, "index-is-being-rebuilt", "Come back.")),
    ],
)
def test_exceptions_of_every_kind_become_problem_documents(exception, expected) -> None:
    problem = raised(exception)
    status, problem_type, detail = expected
    assert (problem["status"], problem["type"]) == (status, f"/problems/{problem_type}")
    assert detail in {None, problem["detail"]}
    assert "secret" not in str(problem)


def test_members_are_part_of_the_problem_document() -> None:
    assert raised(RebuildInProgress("Come back."))["progress"] == 40
    errors = raised(exceptions.ValidationError({"title": ["Required."]}))["errors"]
    assert errors == {"title": ["Required."]}


def test_headers_say_when_to_retry_and_how_to_authenticate() -> None:
    throttled = answer(exceptions.Throttled(wait=41.5))
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "42")
    error = exceptions.AuthenticationFailed()
    vars(error)["auth_header"] = "Bearer"  # as DRF does when a view has an authentication
    assert answer(error).headers["WWW-Authenticate"] == "Bearer"


def answer(exception):
    """Return the response of a view that raises an exception."""

    class View(APIView):
        permission_classes = ()

        def get(self, request):
            raise exception

    return View.as_view()(APIRequestFactory().get("/api/v1/x/")).render()


def raised(exception):
    response = answer(exception)
    response.json = lambda: json.loads(response.content)
    return problem_of(response)

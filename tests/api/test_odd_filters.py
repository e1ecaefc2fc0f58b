"""Odd values of every filter and parameter of version 2, on lists, details and `find`: never a server error."""

import pytest

from cms.api.v2.views import DepartmentDocumentsViewSet, DepartmentImagesViewSet, DepartmentPagesViewSet
from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import make_page
from tests.odd_requests.odd_values import KEYS, NUMBERS, TEXTS

HOST = "allier.example.test"
VIEWSETS = {
    "pages": DepartmentPagesViewSet,
    "images": DepartmentImagesViewSet,
    "documents": DepartmentDocumentsViewSet,
}
QUOTES = ('"', 'a"', '"a', 'a"b', '""', '"a" OR "b', "'", "a'b", "\\", "%", "a*", "a:b", "NEAR(a b)", "^a", "{a}")
VALUES = tuple(dict.fromkeys((*TEXTS, *KEYS, *NUMBERS, *QUOTES)))


@pytest.fixture
def library(commits, search_index):
    with commits():
        department = make_department("allier")
        image, document = (
            ImageFactory(collection=department.collection),
            DocumentFactory(collection=department.collection),
        )
        page = make_page(StandardPage, department, title='Fête "du" livre', image=image, body=[("document", document)])
    search_index()
    return {"pages": page.pk, "images": image.pk, "documents": document.pk}


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", VIEWSETS)
def test_no_value_of_a_filter_makes_a_list_or_a_detail_fail(client, library, endpoint):
    client.raise_request_exception = False
    viewset = VIEWSETS[endpoint]
    urls = [f"/api/v2/{endpoint}/{rest}" for rest in ("", f"{library[endpoint]}/")]
    assert client.get(urls[1], headers={"host": HOST}).status_code == 200
    failed = {}
    for name in sorted({*viewset.filter_fields, *viewset.known_query_parameters, *viewset.find_query_parameters}):
        for value in VALUES:
            finds = [f"/api/v2/{endpoint}/find/"] if name in viewset.find_query_parameters else []
            for url in urls + finds:
                response = client.get(url, {name: value}, headers={"host": HOST})
                if response.status_code not in (200, 302, 400, 404):
                    failed[f"{url}?{name}={value[:40]!r}"] = response.status_code
    assert failed == {}


@pytest.mark.django_db
def test_a_value_that_a_field_cannot_have_is_refused_on_lists_and_details(client, library):
    for url in ("/api/v2/pages/", f"/api/v2/pages/{library['pages']}/"):
        for name, value in (("translation_key", "x"), ("show_in_menus", "x"), ("id", "x")):
            response = client.get(url, {name: value}, headers={"host": HOST})
            assert response.status_code == 400, (url, name)
            assert name in response.json()["message"] or name == "show_in_menus"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"), [('"fête"', True), ('fête "', True), ('"', False), ('"fête" OR "x"', False)]
)
def test_quotation_marks_are_text_of_a_search(client, library, text, found):
    response = client.get("/api/v2/pages/", {"search": text}, headers={"host": HOST})
    assert response.status_code == 200
    assert bool(response.json()["items"]) is found

"""Parameters that take several values: their number does not change the number of queries, and it has a limit."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.api.parameters import MAX_VALUES
from cms.api.v2.views import DepartmentDocumentsViewSet, DepartmentImagesViewSet, DepartmentPagesViewSet
from cms.pages.models import EventPage
from search.facets import ValueKind, facet_names, find_facet
from tests.factories.departments import make_department
from tests.factories.pages import make_page

pytestmark = pytest.mark.django_db

FILTERS = [name for name in facet_names() if find_facet(name).is_api_filter]
VALUES = {ValueKind.DEPARTMENT: "isere", ValueKind.CONTENT_TYPE: "event"}
VIEWSETS = {
    "pages": DepartmentPagesViewSet,
    "images": DepartmentImagesViewSet,
    "documents": DepartmentDocumentsViewSet,
}
V2_PARAMETERS = [
    (endpoint, name)
    for endpoint, viewset in VIEWSETS.items()
    for name in sorted({*viewset.known_query_parameters, *viewset.filter_fields})
]
# A value of a parameter that Wagtail refuses to repeat is an error, whatever its number.
V2_VALUES = {"type": "pages.EventPage", "order": "title", "fields": "title", "search": "fete"}
HOST = "isere.example.test"


@pytest.fixture
def library(commits, search_index):
    with commits():
        make_page(EventPage, make_department("isere"), title="Fête")
    return search_index()


def queries_of(client, url, query):
    """Return the response and the number of queries of a request that is not the first of its kind."""
    client.get(url, query, headers={"host": HOST})
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url, query, headers={"host": HOST})
    return response, len(queries)


@pytest.mark.parametrize("name", FILTERS)
def test_five_hundred_values_of_a_filter_cost_as_much_as_one(client, library, name):
    value, url = VALUES.get(find_facet(name).kind, "x"), reverse("api:search")
    response, expected = queries_of(client, url, {name: value})
    assert response.status_code == 200
    for number in (2, 50, 1900 // (len(value) + 1)):
        repeated, queries = queries_of(client, url, {name: ",".join([value] * number)})
        assert (repeated.status_code, queries) == (200, expected)
        assert repeated.json()["results"] == response.json()["results"]
    several = ",".join(f"{value}{number}" for number in range(500))[:1990].rpartition(",")[0]
    assert queries_of(client, url, {name: several})[1] <= expected


@pytest.mark.parametrize("name", FILTERS)
def test_too_many_values_are_refused_by_name(client, library, name):
    response = client.get(reverse("api:search"), {name: ",".join(map(str, range(MAX_VALUES + 1)))})
    problem = response.json()
    assert (response.status_code, problem["parameter"]) == (400, name)
    assert f"at most {MAX_VALUES} different values" in problem["detail"]


@pytest.mark.parametrize("name", sorted(facet_names()))
def test_five_hundred_values_on_the_search_page_cost_as_much_as_one(client, library, name):
    value = VALUES.get(find_facet(name).kind, "x")
    response, expected = queries_of(client, "/search/", {name: value})
    assert response.status_code == 200
    for values in ([value] * 500, [value, *map(str, range(500))]):
        several, queries = queries_of(client, "/search/", {name: values})
        assert several.status_code == 200
        assert queries <= expected


@pytest.mark.parametrize(("endpoint", "name"), V2_PARAMETERS)
def test_many_values_in_version_2_cost_as_much_as_one(client, library, endpoint, name):
    value, url = V2_VALUES.get(name, "1"), f"/api/v2/{endpoint}/"
    _response, expected = queries_of(client, url, {name: value})
    response, queries = queries_of(client, url, {name: ",".join([value] * (490 // (len(value) + 1)))})
    assert response.status_code in (200, 400)
    assert queries <= expected

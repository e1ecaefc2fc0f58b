"""A type with a model, a serializer, a template, a factory and a declaration is published, listed and searched."""

import pytest
from bs4 import BeautifulSoup
from django.utils.translation import gettext_lazy as _

from cms.content_types.checks import check_document_types
from cms.content_types.document_type import SearchMapping
from cms.content_types.registry import listable_type_choices
from cms.delivery.models import PublishedDocument
from cms.pages.checks import check_page_types
from cms.pages.models import SectionPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page

pytestmark = pytest.mark.django_db

HOST = {"host": "allier.example.test"}


@pytest.fixture
def training_course(declare, training_course_model, commits):
    """A published page of the declared temporary type, in a section that lists the type."""
    declare(
        name="training_course",
        label=_("Vacancies"),  # A message that all catalogues have.
        label_plural=_("Vacancies"),
        model="pages.TrainingCoursePage",
        serializer="tests.content_types.training_course.training_course_content",
        template="reader/document_training_course.html",
        factory="tests.content_types.training_course.TrainingCoursePageFactory",
        search=SearchMapping(weight=1.2, name_keys=frozenset(("place",)), unsearched_keys=frozenset(("reference",))),
        api_list="training-courses",
        is_listable=True,
    )
    with commits():
        return make_page(training_course_model, make_department("allier"))


@pytest.fixture
def read(client):
    """`read(path)`: a page of the department's site, parsed."""

    def read(path):
        response = client.get(path, headers=HOST)
        assert response.status_code == 200, response
        return BeautifulSoup(response.content.decode(), "html.parser")

    return read


def test_a_complete_type_passes_the_checks(training_course):
    assert check_document_types(None) == []
    assert check_page_types(None) == []


def test_it_is_published(training_course):
    document = PublishedDocument.objects.get(page_id=training_course.pk)
    assert document.type == document.data["type"] == "training_course"
    assert document.data["content"]["place"] == "Vichy"


def test_the_api_lists_it(training_course, client):
    for url in ("/api/v1/training-courses/", "/api/v1/contents/?type=training_course"):
        answer = client.get(url).json()
        assert [document["title"] for document in answer["results"]] == ["Médiatrice numérique"]
    assert client.get("/api/v1/").json()["training-courses"].endswith("/api/v1/training-courses/")


def test_the_reader_shows_and_lists_it(training_course, read):
    path = PublishedDocument.objects.get(page_id=training_course.pk).data["path"]
    assert read(path).select_one(".place").get_text() == "Vichy"
    section_path = path.removesuffix(f"{training_course.slug}/")
    assert read(section_path).select_one(".card h2 a")["href"] == path
    assert read("/fr/").find("a", string="Médiatrice numérique")["href"] == path


def test_sections_may_list_it(training_course):
    assert ("training_course", _("Vacancies")) in listable_type_choices()
    assert ("training_course", _("Vacancies")) in SectionPage._meta.get_field("lists").choices


def test_it_is_searched_and_filtered(training_course, client, read, search_index):
    search_index()
    for query in ({"q": "médiatrice"}, {"q": "vichy", "type": "training_course"}):
        answer = client.get("/api/v1/search/", query).json()
        assert [hit["title"] for hit in answer["results"]] == ["Médiatrice numérique"]
    assert {"value": "training_course", "count": 1} in answer["facets"]["type"]
    assert client.get("/api/v1/search/", {"q": "médiatrice", "type": "event"}).json()["count"] == 0
    assert client.get("/api/v1/search/", {"q": "REF2030"}).json()["count"] == 0
    page = read("/search/?q=médiatrice&type=training_course&language=en")
    assert "Vacancies" in page.select_one(".search-hits .kicker").get_text()


def test_an_undeclared_type_is_no_filter(client):
    assert client.get("/api/v1/contents/", {"type": "training_course"}).status_code == 400

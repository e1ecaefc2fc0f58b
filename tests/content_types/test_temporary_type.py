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
def job_offer(declare, job_offer_model, commits):
    """A published page of the declared temporary type, in a section that lists the type."""
    declare(
        name="job_offer",
        label=_("Vacancies"),  # A message that all catalogues have.
        label_plural=_("Vacancies"),
        model="pages.JobOfferPage",
        serializer="tests.content_types.job_offer.job_offer_content",
        template="reader/document_job_offer.html",
        factory="tests.content_types.job_offer.JobOfferPageFactory",
        search=SearchMapping(weight=1.2, name_keys=frozenset(("place",)), unsearched_keys=frozenset(("reference",))),
        api_list="job-offers",
        is_listable=True,
    )
    with commits():
        return make_page(job_offer_model, make_department("allier"))


@pytest.fixture
def read(client):
    """`read(path)`: a page of the department's site, parsed."""

    def read(path):
        response = client.get(path, headers=HOST)
        assert response.status_code == 200, response
        return BeautifulSoup(response.content.decode(), "html.parser")

    return read


def test_a_complete_type_passes_the_checks(job_offer):
    assert check_document_types(None) == []
    assert check_page_types(None) == []


def test_it_is_published(job_offer):
    document = PublishedDocument.objects.get(page_id=job_offer.pk)
    assert document.type == document.data["type"] == "job_offer"
    assert document.data["content"]["place"] == "Vichy"


def test_the_api_lists_it(job_offer, client):
    for url in ("/api/v1/job-offers/", "/api/v1/contents/?type=job_offer"):
        answer = client.get(url).json()
        assert [document["title"] for document in answer["results"]] == ["Médiatrice numérique"]
    assert client.get("/api/v1/").json()["job-offers"].endswith("/api/v1/job-offers/")


def test_the_reader_shows_and_lists_it(job_offer, read):
    path = PublishedDocument.objects.get(page_id=job_offer.pk).data["path"]
    assert read(path).select_one(".place").get_text() == "Vichy"
    section_path = path.removesuffix(f"{job_offer.slug}/")
    assert read(section_path).select_one(".card h2 a")["href"] == path
    assert read("/fr/").find("a", string="Médiatrice numérique")["href"] == path


def test_sections_may_list_it(job_offer):
    assert ("job_offer", _("Vacancies")) in listable_type_choices()
    assert ("job_offer", _("Vacancies")) in SectionPage._meta.get_field("lists").choices


def test_it_is_searched_and_filtered(job_offer, client, read, search_index):
    search_index()
    for query in ({"q": "médiatrice"}, {"q": "vichy", "type": "job_offer"}):
        answer = client.get("/api/v1/search/", query).json()
        assert [hit["title"] for hit in answer["results"]] == ["Médiatrice numérique"]
    assert {"value": "job_offer", "count": 1} in answer["facets"]["type"]
    assert client.get("/api/v1/search/", {"q": "médiatrice", "type": "event"}).json()["count"] == 0
    assert client.get("/api/v1/search/", {"q": "REF2030"}).json()["count"] == 0
    page = read("/search/?q=médiatrice&type=job_offer&language=en")
    assert "Vacancies" in page.select_one(".search-hits .kicker").get_text()


def test_an_undeclared_type_is_no_filter(client):
    assert client.get("/api/v1/contents/", {"type": "job_offer"}).status_code == 400

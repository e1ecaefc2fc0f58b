"""Publications cost a limited number of queries in the request, and for each affected page in the background."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import CollectionViewRestriction, Locale, Page

from cms.delivery import publisher
from cms.delivery.models import PublishedDocument, RefreshRequest
from cms.pages.models import EventPage, ProfessionPage, StandardPage
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.pages import OrganisationFactory, make_page

LOCALES = ("fr", "en", "it", "es", "de")
REFERRERS = 60

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(settings):
    """Leave the tasks of the background to the test."""
    tasks = {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}
    settings.TASKS = settings.TASKS | {"later": tasks}
    settings.DOCUMENT_TASKS = "later"


@pytest.fixture
def queries(commits):
    """Return the number of queries of a function, and of what runs after its commit."""

    def queries(function):
        with CaptureQueriesContext(connection) as captured, commits():
            function()
        return len(captured)

    return queries


def process_background(queries):
    """Return the number of queries for the requests that are left."""
    number = queries(publisher.process_refresh_requests)
    assert not RefreshRequest.objects.exists()
    return number


def test_a_page_with_many_languages_and_referrers(commits, later, queries):
    with commits():
        department = make_department("allier", locales=LOCALES)
        organisation = OrganisationFactory()
        profession = make_page(ProfessionPage, department, title="Avant")
        for code in LOCALES[1:]:
            copy = profession.copy_for_translation(Locale.objects.get(language_code=code), copy_parents=True)
            copy.save_revision().publish()
        image = ImageFactory(collection=department.collection)
        partner = {"organisation": organisation}
        for _ in range(REFERRERS):
            make_page(
                EventPage,
                department,
                image=image,
                professions=[("page", profession)],
                partners=[("partner", partner)],
            )
    publisher.process_refresh_requests()
    profession = ProfessionPage.objects.get(pk=profession.pk)

    profession.title = "Après"
    assert queries(profession.save_revision().publish) <= 150
    contents = [document.data for document in PublishedDocument.objects.filter(content_id=profession.translation_key)]
    assert {data["title"] for data in contents if data["locale"] == "fr"} == {"Après"}
    assert {"Après"} == {
        each["title"]
        for data in contents
        if data["locale"] != "fr"
        for each in data["alternates"]
        if each["locale"] == "fr"
    }
    assert process_background(queries) <= 3 * REFERRERS
    shown = {
        event.data["content"]["professions"][0]["title"] for event in PublishedDocument.objects.filter(type="event")
    }
    assert shown == {"Après"}

    organisation.name = "Autre"
    assert queries(organisation.save) <= 20
    assert process_background(queries) <= 3 * REFERRERS

    rebuild = lambda: call_command("rebuild_documents", verbosity=0, stdout=StringIO())  # noqa: E731
    assert queries(rebuild) <= 2 * Page.objects.count()


def test_a_slug_change_rewrites_urls_without_serialising(department, commits, later, queries, monkeypatch):
    number = 40
    with commits():
        section = make_page(StandardPage, department, slug="avant")
        parent = make_page(StandardPage, section)
        pages = [make_page(StandardPage, parent, slug=f"p{n}") for n in range(number)]
    publisher.process_refresh_requests()
    section = StandardPage.objects.get(pk=section.pk)

    section.slug = "apres"
    assert queries(section.save_revision().publish) <= 150
    RefreshRequest.objects.filter(change=RefreshRequest.Change.CARD).delete()  # The pages that show the section.
    monkeypatch.delattr("cms.delivery.documents.document_writer.serialize_page")
    assert process_background(queries) <= 3 * number
    for document in PublishedDocument.objects.filter(page_id__in=[page.pk for page in pages]):
        assert document.data["path"] == document.path == document.placements.get().path
        assert document.path.startswith("/fr/apres/")


def test_unused_images_cost_nothing(department, commits, later, queries):
    with commits():
        collection = department.collection.add_child(name="Interne")
        for _ in range(40):
            ImageFactory(collection=collection)
    publisher.process_refresh_requests()

    restrict = lambda: CollectionViewRestriction.objects.create(  # noqa: E731
        collection=collection, restriction_type="login"
    )
    assert queries(restrict) <= 20
    assert process_background(queries) <= 25

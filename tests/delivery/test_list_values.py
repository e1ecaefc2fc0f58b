"""The values that lists need are stored beside the documents: by the publisher, by the migration for older rows."""

import datetime
import importlib

from django.apps import apps

from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage, ProfessionPage
from tests.factories.pages import make_page, make_section

migration = importlib.import_module("cms.delivery.migrations.0012_store_values_of_lists")


def stored(page):
    return PublishedDocument.objects.get(page_id=page.pk).list_values


def test_the_values_of_lists_are_stored_and_go_with_the_document(department, commits):
    with commits():
        event = make_page(EventPage, department, start_date=datetime.date(2096, 12, 1))
        profession = make_page(
            ProfessionPage,
            department,
            esco_uri="http://data.europa.eu/esco/occupation/00000001-0000-4000-8000-000000000000",
        )
        section = make_section(department, "event")
    values = [stored(page) for page in (event, profession, section)]
    assert [each["start"] for each in values] == ["2096-12-01", "", ""]
    assert [each["lists"] for each in values] == ["", "", "event"]
    assert [each["esco_uri"] for each in values] == [
        "",
        "http://data.europa.eu/esco/occupation/00000001-0000-4000-8000-000000000000",
        "",
    ]
    assert all(each["first_published_at"] for each in values)

    PublishedDocument.objects.update(list_values={})
    migration.store_values(apps, None)
    assert [stored(page) for page in (event, profession, section)] == values

    with commits():
        event.unpublish()
    assert stored(event) == {}

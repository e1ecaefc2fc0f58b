"""URLs of shared documents and cards do not depend on the order of events."""

import pytest
from wagtail.models import Locale

from cms.delivery.models import Placement
from cms.pages.models import EventPage, StandardPage
from sites.models import DepartmentLocale
from sites.sharing.transitions import withdraw
from tests.factories.departments import make_department
from tests.factories.pages import make_page, make_section
from tests.factories.sharing import mirror

pytestmark = pytest.mark.django_db


def paths_on(department):
    shared = Placement.objects.filter(department=department, is_canonical=False).order_by("path")
    return list(shared.values_list("path", flat=True))


def test_the_second_of_two_mirrors_loses_its_suffix_with_the_first(department, commits):
    with commits():
        other, third = make_department("isere"), make_department("loire")
        pages = [make_page(EventPage, owner, slug="journee") for owner in (department, third)]
    with commits():
        sharing = mirror(pages[0], other)
    with commits():
        mirror(pages[1], other)
    assert paths_on(other) == ["/fr/event/journee-loire/", "/fr/event/journee/"]
    with commits():
        withdraw(sharing)
    assert paths_on(other) == ["/fr/event/journee/"]


def test_a_path_with_a_suffix_is_free_too(department, commits):
    with commits():
        other = make_department("isere")
        section = make_section(other, "event")
        for slug in ("journee", "journee-allier"):
            make_page(EventPage, section, slug=slug)
        mirror(make_page(EventPage, department, slug="journee"), other)
    assert paths_on(other) == ["/fr/event/journee-allier-2/"]


def test_a_card_does_not_depend_on_whether_its_source_was_public(department, commits, document_of):
    with commits():
        source = make_page(StandardPage, department, publish=False)
        english = source.copy_for_translation(Locale.objects.get(language_code="en"))
        english.title = "Contact"
        english.save_revision().publish()
        shows_it = make_page(StandardPage, department, body=[("related", [source])])
        translation = shows_it.copy_for_translation(Locale.objects.get(language_code="en"))
        translation.save_revision().publish()
    assert [card["title"] for card in document_of(translation)["content"]["body"][0]["value"]] == ["Contact"]


def test_a_department_without_a_source_language_publishes(department, commits, document_of):
    with commits():
        DepartmentLocale.objects.filter(department=department).update(is_source=False)
        page = make_page(StandardPage, department)
    assert document_of(page)["translation"]["status"] == "original"


def mark_source(department):
    row = DepartmentLocale.objects.get(department=department, locale__language_code="fr")
    row.is_source = True
    row.save()


def add_source(department):
    french = DepartmentLocale.objects.filter(department=department, locale__language_code="fr")
    french._raw_delete(french.db)  # Without a signal, as a database of an older version has it.
    DepartmentLocale.objects.create(
        department=department, locale=Locale.objects.get(language_code="fr"), is_source=True
    )


@pytest.mark.parametrize("change", [mark_source, add_source])
def test_a_new_source_language_queues_every_page_again(department, commits, document_of, change):
    with commits():
        DepartmentLocale.objects.filter(department=department).update(is_source=False)
        page = make_page(StandardPage, department)
        english = page.copy_for_translation(Locale.objects.get(language_code="en"))
        english.save_revision().publish()
        mirror(page, other := make_department("isere"))
    assert document_of(english)["translation"]["status"] == "original"
    with commits():
        change(department)
    assert document_of(page)["translation"]["status"] == "original"
    translation = document_of(english)["translation"]
    assert (translation["status"], translation["source_locale"]) == ("translated", "fr")
    assert Placement.objects.filter(department=other, document__page_id=english.pk).exists()

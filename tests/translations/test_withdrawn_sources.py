"""Translations of an original that is unpublished or deleted: unpublished or kept, as the department has chosen."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from cms.delivery.models import PublicationState, PublishedDocument
from cms.pages.models import StandardPage
from cms.translations.withdrawn_sources import public_translations
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

KEPT = "1 traduction reste publique (Anglais)"
UNPUBLISHED = "1 traduction publique est dépubliée aussi (Anglais)"


@pytest.fixture(params=[True, False], ids=["unpublished", "kept"])
def unpublishes(request, department):
    department.unpublishes_translations = request.param
    department.save()
    return request.param


@pytest.fixture
def english(translated):
    translated.write(translated.texts)
    return translated.publish()


@pytest.fixture
def publisher(client):
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    return client


def bulk(action, page):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    return f"{url}?id={page.pk}"


URLS = {
    "unpublish": lambda page: reverse("wagtailadmin_pages:unpublish", args=[page.pk]),
    "delete": lambda page: reverse("wagtailadmin_pages:delete", args=[page.pk]),
    "bulk unpublish": lambda page: bulk("unpublish", page),
    "bulk delete": lambda page: bulk("delete", page),
}


@pytest.mark.parametrize("way", URLS)
def test_the_screen_says_what_happens_and_it_does(translated, english, publisher, unpublishes, commits, way):
    url = URLS[way](translated.page)
    shown = publisher.get(url).content.decode()
    assert (UNPUBLISHED in shown, KEPT in shown) == (unpublishes, not unpublishes)
    with commits():
        publisher.post(url)
    assert not Page.objects.filter(pk=translated.page.pk, live=True).exists()
    assert Page.objects.get(pk=english.pk).live is not unpublishes
    document = PublishedDocument.objects.get(content_id=translated.page.translation_key, locale="en")
    assert document.is_withdrawn is unpublishes
    if not unpublishes:
        stored = json.loads(document.body)
        assert stored["alternates"] == []
        assert (stored["translation"]["status"], stored["translation"]["source_url"]) == ("translated", "")


def test_an_expiry_date_does_the_same(translated, english, unpublishes, commits):
    with commits():
        page = StandardPage.objects.get(pk=translated.page.pk)
        page.expire_at = timezone.now() + datetime.timedelta(days=1)
        page.save_revision().publish()
    past = timezone.now() - datetime.timedelta(minutes=1)
    Page.objects.filter(pk=page.pk).update(expire_at=past)
    PublicationState.objects.filter(page_id=page.pk).update(next_change_at=past)
    with commits():
        call_command("publish_scheduled")
    page.refresh_from_db()
    assert (page.live, page.expired) == (False, True)
    translation = Page.objects.get(pk=english.pk)
    assert (translation.live, translation.expired) == (not unpublishes, unpublishes)


def test_pages_below_count_and_other_pages_do_not(translated, english, department, publisher):
    department.unpublishes_translations = True
    department.save()
    make_page(StandardPage, department, title="Seul", slug="seul")
    home = translated.page.get_parent()
    assert [page.pk for _department, page in public_translations(list(home.get_descendants()))] == [english.pk]
    assert public_translations([english]) == [], "the original is no translation of its translation"
    english.unpublish()
    translated.page.refresh_from_db()
    assert translated.page.live
    assert UNPUBLISHED not in publisher.get(URLS["delete"](translated.page)).content.decode()


def test_a_language_is_unpublished_by_who_unpublished_the_original(translated, english, department, publisher):
    department.unpublishes_translations = True
    department.save()
    publisher.post(URLS["unpublish"](translated.page))
    entry = PageLogEntry.objects.filter(page=english.pk, action="wagtail.unpublish").get()
    assert entry.user.username == "publisher"


def test_many_pages_take_a_constant_number_of_queries(department, commits):
    def queries(pages):
        with CaptureQueriesContext(connection) as captured:
            public_translations(pages)
        return len(captured)

    english = department.locales.get(language_code="en")
    with commits():
        pages = [make_page(StandardPage, department, title=f"Page {number}") for number in range(4)]
        for page in pages:
            page.copy_for_translation(english, copy_parents=True).save_revision().publish()
    assert len(public_translations(pages)) == 4
    assert queries(pages) == queries(pages[:1])

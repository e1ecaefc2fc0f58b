"""Continued copies: each request checks again what the first one checked.

Other accounts change the tree between two requests, and a browser may send a form twice.
"""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.urls import reverse
from wagtail.models import Page

from cms.divided_changes.overrides.page_copies import copy_to
from cms.pages.models import StandardPage
from sites.admin.access_control import page_counts
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

from .conftest import sent_again

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.usefixtures("short_requests")]


@pytest.fixture
def department():
    return make_department("allier", code="03", locales=("fr", "en"))


@pytest.fixture
def folder(department, client):
    """Return a page with two pages below it, of which the first has a page below it. A publisher is logged in."""
    folder = make_page(StandardPage, department, title="Dossier", slug="dossier")
    first = make_page(StandardPage, folder, title="Page 1", slug="page-1")
    make_page(StandardPage, first, title="Page 1.1", slug="page-1-1")
    make_page(StandardPage, folder, title="Page 2", slug="page-2")
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    return Page.objects.get(pk=folder.pk)


def copy_form(page, **fields):
    """Return the URL and the fields of the form that copies a page with those below it."""
    form = {"new_title": "Copie", "new_slug": "copie", "new_parent_page": page.get_parent().pk, "copy_subpages": "on"}
    return reverse("wagtailadmin_pages:copy", args=[page.pk]), form | fields


def finish(client, url, response, limit=20):
    """Send the forms of the answers until there is none; return the last answer."""
    for _number in range(limit):
        if response.status_code != 200:
            return response
        response = client.post(url, sent_again(response))
    raise AssertionError("The change does not end.")


def below(slug):
    return [page.slug for page in Page.objects.get(slug=slug).get_descendants()]


def messages_after(client, response):
    return [str(message) for message in client.get(response.url).context["messages"]]


@pytest.mark.parametrize("kind", [{"publish_copies": "on"}, {"alias": "on"}])
def test_a_form_that_is_sent_several_times_makes_one_copy(client, folder, kind):
    url, form = copy_form(folder, **kind)
    first = client.post(url, form)
    answers = [client.post(url, sent_again(first)) for _number in range(3)]
    for answer in answers:
        response = finish(client, url, answer)
        assert "3 sous-pages" in messages_after(client, response)[0]
    assert below("copie") == ["page-1", "page-1-1", "page-2"]
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_slug_that_another_page_takes_meanwhile_is_left_to_it(client, folder):
    url, form = copy_form(folder)
    first = client.post(url, form)
    make_page(StandardPage, Page.objects.get(slug="copie"), title="Autre", slug="page-2")
    response = finish(client, url, first)
    assert sorted(below("copie")) == ["page-1", "page-1-1", "page-2"]
    assert "2 sous-pages" in messages_after(client, response)[0]


def test_the_limit_of_aliases_holds_in_each_request(client, folder, monkeypatch):
    url, form = copy_form(folder, alias="on")
    first = client.post(url, form)
    monkeypatch.setattr(page_counts, "MAX_ALIASES", 1)
    page = Page.objects.get(slug="page-2")
    page.specific.create_alias(update_slug="alias", parent=folder.get_parent())
    finish(client, url, first)
    assert page.aliases.count() == 1


def test_a_copy_that_is_moved_below_its_source_ends(client, folder):
    url, form = copy_form(folder)
    first = client.post(url, form)
    Page.objects.get(slug="copie").move(Page.objects.get(pk=folder.pk), pos="first-child")
    finish(client, url, first)
    assert below("copie") == ["page-1", "page-1-1", "page-2"]


def test_the_limit_of_pages_holds_in_each_request(client, folder, monkeypatch):
    url, form = copy_form(folder)
    first = client.post(url, form)
    monkeypatch.setattr(page_counts, "MAX_PAGES", 3)
    before = Page.objects.count()
    fields = sent_again(first)
    del fields["copy_subpages"]
    response = client.post(url, fields)
    assert response.status_code == 302
    assert "plus de 3 pages" in messages_after(client, response)[0]
    assert Page.objects.count() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_alias", [False, True])
def test_of_two_copies_at_the_same_moment_the_second_finds_the_first(folder, is_alias):
    """The first transaction has made the copy and is not committed; the second one waits for it."""
    page, target = Page.objects.get(slug="page-2"), Page.objects.get(slug="page-1")
    user = get_user_model()._default_manager.get(username="publisher")
    copied, found = threading.Event(), []

    def copy():
        return copy_to(page, target.pk, is_alias=is_alias, keep_live=True, user=user)

    def second():
        copied.wait(10)
        try:
            with transaction.atomic():
                found.append(copy())
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        first = copy()
        copied.set()
        thread.join(0.5)
        assert thread.is_alive()  # It waits.
    thread.join(10)
    assert [each.pk for each in found] == [first.pk]
    assert Page.objects.filter(slug="page-2").count() == 2
    assert Page.find_problems() == ([], [], [], [], [])

"""One form changes a limited number of pages, and checks the selected objects with one query."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.models import Page

from cms.pages.models import StandardPage
from sites.admin.access_control import page_counts
from tests.factories.departments import make_department
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(client, monkeypatch):
    """Return a page with two pages below it. One form may change two pages."""
    department = make_department("allier", locales=("fr",))
    folder = make_page(StandardPage, department, title="Dossier", slug="dossier")
    for number in range(2):
        make_page(StandardPage, folder, title=f"Page {number}", slug=f"page-{number}")
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    monkeypatch.setattr(page_counts, "MAX_PAGES", 2)
    return Page.objects.get(pk=folder.pk)


def forms(page):
    """Return the URL and the fields of each form that changes a page and those below it."""
    copy = {"new_title": "x", "new_slug": "x", "new_parent_page": page.get_parent().pk, "copy_subpages": "on"}
    bulk = "wagtail_bulk_action"
    below = {"include_descendants": "on"}
    return {
        "delete": (reverse("wagtailadmin_pages:delete", args=[page.pk]), {}),
        "copy": (reverse("wagtailadmin_pages:copy", args=[page.pk]), copy),
        "unpublish": (reverse("wagtailadmin_pages:unpublish", args=[page.pk]), below),
        "bulk delete": (f"{reverse(bulk, args=['wagtailcore', 'page', 'delete'])}?id={page.pk}", {}),
        "bulk publish": (f"{reverse(bulk, args=['wagtailcore', 'page', 'publish'])}?id={page.pk}", below),
        "bulk unpublish": (f"{reverse(bulk, args=['wagtailcore', 'page', 'unpublish'])}?id={page.pk}", below),
    }


@pytest.mark.parametrize("name", ["delete", "copy", "unpublish", "bulk delete", "bulk publish", "bulk unpublish"])
def test_a_tree_with_too_many_pages_stays_as_it_is(client, folder, name):
    url, fields = forms(folder)[name]
    before = set(Page.objects.values_list("pk", "live", "live_revision"))
    response = client.post(url, fields)
    assert response.status_code == 302
    assert set(Page.objects.values_list("pk", "live", "live_revision")) == before
    assert "plus de 2 pages" in client.get(response.url).content.decode()


@pytest.mark.parametrize("name", ["copy", "unpublish", "bulk publish", "bulk unpublish"])
def test_a_tree_with_too_much_text_stays_as_it_is(client, folder, name, monkeypatch):
    monkeypatch.setattr(page_counts, "MAX_PAGES", 3)
    monkeypatch.setattr(page_counts, "MAX_CHARACTERS", 100_000)
    child = folder.get_children().first().specific
    child.body = [("heading", {"text": "x" * 250, "level": "2"})] * 500
    child.save_revision()
    url, fields = forms(folder)[name]
    before = set(Page.objects.values_list("pk", "live", "live_revision"))
    response = client.post(url, fields)
    assert set(Page.objects.values_list("pk", "live", "live_revision")) == before
    assert re.search(r"plus de 100\s000 caractères", client.get(response.url).content.decode())


def api_actions():
    return [
        (name, "recursive")
        for name, action in PagesAdminAPIViewSet.actions.items()
        if "recursive" in getattr(action.serializer(), "fields", {})
    ] + [("delete", "unused")]


@pytest.mark.parametrize(("name", "field"), api_actions())
def test_the_actions_of_the_api_have_a_limit(client, folder, name, field, monkeypatch):
    """Every action that can include the pages below, with the languages and destinations that it needs."""
    monkeypatch.setattr(page_counts, "MAX_PAGES_OF_API", 2)
    url = reverse("wagtailadmin_api:pages:action", args=[folder.pk, name])
    body = {field: True, "locale": "fr", "destination_page_id": folder.get_parent().pk}
    before = set(Page.objects.values_list("pk", "live"))
    response = client.post(url, body, content_type="application/json")
    assert (response.status_code, "plus de 2 pages" in response.json()["message"]) == (400, True)
    assert set(Page.objects.values_list("pk", "live")) == before


@pytest.mark.parametrize("way", ["screen", "screen below", "api"])
def test_a_page_has_a_limited_number_of_aliases(client, folder, monkeypatch, way):
    """A publication writes all of them in its transaction."""
    monkeypatch.setattr(page_counts, "MAX_PAGES", 200)
    monkeypatch.setattr(page_counts, "MAX_ALIASES", 2)
    page = folder.get_children().first() if way != "screen below" else folder
    for number in range(2):
        folder.get_children().first().specific.create_alias(update_slug=f"alias-{number}", parent=folder.get_parent())
    url = reverse("wagtailadmin_pages:copy", args=[page.pk])
    form = {"new_title": "x", "new_slug": "x", "new_parent_page": folder.get_parent().pk, "alias": "on"}
    if way == "api":
        url = reverse("wagtailadmin_api:pages:action", args=[page.pk, "create_alias"])
        form = {"destination_page_id": folder.get_parent().pk, "update_slug": "x"}
    client.post(url, form | ({"copy_subpages": "on"} if way == "screen below" else {}))
    assert Page.objects.filter(alias_of__isnull=False).count() == 2
    Page.objects.filter(alias_of__isnull=False).first().delete()
    client.post(url, form)
    assert Page.objects.filter(slug="x").exists()


@pytest.mark.parametrize("way", ["screen", "api"])
def test_the_aliases_that_a_tree_with_aliases_adds_count(client, folder, monkeypatch, way):
    """A page and its alias below one folder get two more aliases together."""
    monkeypatch.setattr(page_counts, "MAX_PAGES", 200)
    monkeypatch.setattr(page_counts, "MAX_ALIASES", 2)
    page = folder.get_children().first()
    page.specific.create_alias(update_slug="alias", parent=folder)
    url = reverse("wagtailadmin_pages:copy", args=[folder.pk])
    form = {"new_title": "x", "new_slug": "x", "new_parent_page": folder.get_parent().pk, "alias": "on"}
    form |= {"copy_subpages": "on"}
    if way == "api":
        url = reverse("wagtailadmin_api:pages:action", args=[folder.pk, "create_alias"])
        form = {"destination_page_id": folder.get_parent().pk, "update_slug": "x", "recursive": "true"}
    client.post(url, form)
    assert Page.objects.filter(alias_of__isnull=False).count() == 1
    monkeypatch.setattr(page_counts, "MAX_ALIASES", 3)
    client.post(url, form)
    assert page.aliases.count() == 3


def test_an_action_of_the_api_without_the_pages_below_has_no_limit(client, folder):
    url = reverse("wagtailadmin_api:pages:action", args=[folder.pk, "unpublish"])
    assert client.post(url, {"recursive": False}, content_type="application/json").status_code == 200
    assert not Page.objects.get(pk=folder.pk).live
    assert folder.get_children().filter(live=True).count() == 2


def test_parts_of_it_are_changed(client, folder):
    child = folder.get_children().first()
    client.post(reverse("wagtailadmin_pages:delete", args=[child.pk]))
    assert not Page.objects.filter(pk=child.pk).exists()
    client.post(reverse("wagtailadmin_pages:delete", args=[folder.pk]))
    assert not Page.objects.filter(pk=folder.pk).exists()


def test_selected_objects_are_checked_with_one_query(client, folder):
    pages = list(folder.get_children().values_list("pk", flat=True))
    department = make_department("isere", locales=("fr",))
    client.force_login(make_user("editor", groups=["isere:administrator"]))
    objects = [OrganisationFactory(owner=department, locale=department.source_locale).pk for _ in range(8)]
    url = reverse("wagtail_bulk_action", args=["pages", "organisation", "delete"])
    costs = []
    for number in (1, 8):
        keys = [*objects[: number - 1], *pages[:1], 10**6]
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url, {"id": keys}).status_code == 404
        costs.append(len(captured))
    assert costs[0] == costs[1]

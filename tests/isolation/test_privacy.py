"""Tests that a department sets view restrictions for its own pages, files and groups only."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import CollectionViewRestriction, PageViewRestriction

from cms.pages.models import StandardPage
from tests.factories.pages import home_of, make_page

from .fixture_data import MARK

pytestmark = pytest.mark.embedded


def page_url(page):
    return reverse("wagtailadmin_pages:set_privacy", args=[page.pk])


def collection_url(collection):
    return reverse("department_collections:set_privacy", args=[collection.pk])


@pytest.fixture
def inside(fixture_data):
    """Create a collection inside the collection of each department."""
    for each in (fixture_data.ours, fixture_data.theirs):
        each.inside = each.department.collection.add_child(name=f"{each.department.name} inside")
    return fixture_data


def restrictions():
    models = (PageViewRestriction, CollectionViewRestriction)
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def group(name):
    return Group.objects.get(name=name)


@pytest.mark.parametrize("role", ["publisher", "administrator"])
def test_a_page_is_restricted_and_opened_again(login_as, fixture_data, role):
    before = restrictions()
    client, url = login_as(role), page_url(fixture_data.ours.page)
    body = client.get(url).json()["html"]
    assert "Allier – " in body
    assert MARK not in body.lower()

    client.post(url, {"restriction_type": "groups", "groups": [group("allier:reader").pk]})
    restriction = PageViewRestriction.objects.get(page=fixture_data.ours.page)
    assert [each.name for each in restriction.groups.all()] == ["allier:reader"]
    client.post(url, {"restriction_type": "password", "password": "entre-nous"})
    restriction.refresh_from_db()
    assert restriction.restriction_type == "password"
    client.post(url, {"restriction_type": "none"})
    assert restrictions() == before


def test_a_group_of_another_department_is_refused(login_as, inside):
    before = restrictions()
    client = login_as("administrator")
    foreign = {"restriction_type": "groups", "groups": [group(f"{MARK}:reader").pk]}
    for url in (page_url(inside.ours.page), collection_url(inside.ours.inside)):
        answer = client.post(url, foreign)
        assert answer.json()["step"] == "set_privacy"
    assert restrictions() == before


def test_pages_and_collections_of_another_department_are_not_there(login_as, inside):
    before = restrictions()
    client = login_as("administrator")
    theirs = inside.theirs
    targets = [page_url(theirs.page), page_url(theirs.draft), collection_url(theirs.inside)]
    targets.append(collection_url(theirs.department.collection))
    for url in targets:
        assert client.get(url).status_code == 404
        assert client.post(url, {"restriction_type": "login"}).status_code == 404
    assert restrictions() == before


def test_root_collection_of_a_department_cannot_be_restricted(login_as, fixture_data):
    url = collection_url(fixture_data.ours.department.collection)
    assert login_as("administrator").post(url, {"restriction_type": "login"}).status_code == 404


def test_a_collection_is_restricted_and_opened_again(login_as, inside):
    client, url = login_as("administrator"), collection_url(inside.ours.inside)
    assert MARK not in client.get(url).json()["html"].lower()
    answer = client.post(url, {"restriction_type": "groups", "groups": [group("allier:editor").pk]})
    assert answer.json() == {"step": "set_privacy_done", "is_public": False}
    restriction = CollectionViewRestriction.objects.get(collection=inside.ours.inside)
    assert [each.name for each in restriction.groups.all()] == ["allier:editor"]

    below = inside.ours.inside.add_child(name="Below")
    assert inside.ours.inside.name in client.get(collection_url(below)).json()["html"]
    client.post(collection_url(below), {"restriction_type": "none"})
    assert CollectionViewRestriction.objects.filter(pk=restriction.pk).exists()

    assert client.post(url, {"restriction_type": "none"}).json()["is_public"]


def test_editor_in_a_second_department_cannot_restrict_its_pages(login_as, inside):
    client = login_as("publisher", f"{MARK}:editor")
    assert client.get(page_url(inside.ours.page)).status_code == 200
    assert client.get(page_url(inside.theirs.page)).status_code == 404
    assert client.get(collection_url(inside.theirs.inside)).status_code == 404


@pytest.mark.parametrize("role", ["editor", "media_manager", "reader", "translator:en", "reviewer:en"])
def test_other_roles_are_refused(login_as, inside, role):
    before = restrictions()
    client = login_as(role)
    for url in (page_url(inside.ours.target), collection_url(inside.ours.inside)):
        assert client.post(url, {"restriction_type": "login"}).status_code == 404
    assert restrictions() == before


@pytest.mark.parametrize(("role", "is_offered"), [("publisher", True), ("reviewer:en", False)])
def test_the_editor_offers_the_dialog_to_whoever_may_open_it(login_as, fixture_data, read, role, is_offered):
    page = make_page(StandardPage, home_of(fixture_data.ours.department, "en"))
    editor = read(login_as(role).get(reverse("wagtailadmin_pages:edit", args=[page.pk])))
    assert ('data-a11y-dialog-show="set-privacy"' in editor) is is_offered


def test_a_superuser_restricts_everything_to_every_group(login_as, inside):
    client = login_as()
    for url in (page_url(inside.theirs.page), collection_url(inside.theirs.inside)):
        client.post(url, {"restriction_type": "groups", "groups": [group("allier:reader").pk]})
    assert PageViewRestriction.objects.filter(page=inside.theirs.page).exists()
    assert CollectionViewRestriction.objects.filter(collection=inside.theirs.inside).exists()

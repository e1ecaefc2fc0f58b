"""A copy of a private page is private, and so is a private alias that becomes a page of its own."""

import pytest
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from sites.access.references.private_pages import is_private
from tests.factories.pages import home_of
from tests.factories.users import make_user

from .test_private_languages import english, page, restrict, section, translation

__all__ = ["english", "page", "section", "translation"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def act(client, department, commits):
    """Return a function that performs an action of the admin's API on a page, and returns the page that it names."""
    client.force_login(make_user("owner", groups=["allier:administrator"]))

    def act(action, target, **data):
        with commits():
            answer = client.post(
                reverse("wagtailadmin_api:pages:action", args=[target.pk, action]), data, "application/json"
            )
        assert answer.status_code in (200, 201), answer.content
        return Page.objects.get(pk=answer.json()["id"])

    return act


@pytest.fixture
def private_alias(department, page, section, commits):
    """Return an alias, in a public place, of a page in a private section."""
    with commits():
        alias = page.create_alias(parent=home_of(department), update_slug="alias")
        restrict(section)
    return alias


def copy(act, copied, **data):
    return act("copy", copied, slug="copie", title="Copie", keep_live=True, **data)


def test_a_copy_of_a_translation_is_private_with_another_language(page, translation, act, document_of):
    restrict(page)
    found = copy(act, translation)
    assert (found.live, is_private(found), document_of(found)) == (True, True, {})


def test_a_copy_of_a_page_in_a_private_section_is_private(page, section, department, act, document_of):
    restrict(section)
    found = copy(act, page, destination_page_id=home_of(department).pk)
    assert (is_private(found), document_of(found)) == (True, {})


def test_a_private_page_below_a_copied_one_is_private(page, section, act, document_of):
    restrict(page)
    found = copy(act, section, recursive=True)
    below = found.get_children().get()
    assert [is_private(found), is_private(below), document_of(below)] == [False, True, {}]


def test_the_copies_of_public_pages_are_public(page, section, act, document_of):
    found = copy(act, section, recursive=True)
    assert document_of(found)
    assert document_of(found.get_children().get())
    assert not PageViewRestriction.objects.exists()


def test_a_private_alias_stays_private_as_a_page_of_its_own(private_alias, act, document_of):
    found = act("convert_alias", private_alias)
    assert (found.alias_of_id, found.live, is_private(found), document_of(found)) == (None, True, True, {})


@pytest.mark.parametrize("deleted", ["page", "section"])
def test_a_private_alias_stays_private_without_its_original(
    deleted, private_alias, page, section, commits, document_of
):
    with commits():
        Page.objects.get(pk={"page": page, "section": section}[deleted].pk).delete()
    found = Page.objects.get(pk=private_alias.pk)
    with commits():
        found.specific.save_revision().publish()
    assert (is_private(found), document_of(found)) == (True, {})


def test_a_copy_keeps_all_restrictions_of_its_original(page, section, department, act):
    restrict(page)
    restrict(section, restriction_type="password", password="mot de passe")
    found = copy(act, page, destination_page_id=home_of(department).pk)
    kept = found.get_view_restrictions().values_list("restriction_type", "password")
    assert sorted(kept) == [("login", ""), ("password", "mot de passe")]


def test_an_alias_keeps_all_restrictions_without_its_original(private_alias, page, section, commits):
    restrict(page)
    restrict(section, restriction_type="password", password="mot de passe")
    with commits():
        Page.objects.get(pk=page.pk).delete()
    found = PageViewRestriction.objects.filter(page=private_alias.pk).values_list("restriction_type", "password")
    assert sorted(found) == [("login", ""), ("password", "mot de passe")]

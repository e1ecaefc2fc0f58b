"""`check_departments`: every difference from what provisioning makes has a line, and most can be put right."""

import datetime
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Collection, GroupPagePermission, Locale, Page, Site

from cms.delivery.models import PublishedDocument
from cms.delivery.publisher import process_refresh_requests
from cms.pages.models import StandardPage
from sites.lifecycle.deletion_protection import retirement
from sites.models import DepartmentGroup, DepartmentLocale
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page

pytestmark = pytest.mark.django_db


def check(*arguments):
    """Return the status and the lines."""
    output, status = StringIO(), 0
    try:
        call_command("check_departments", *arguments, stdout=output)
    except SystemExit as end:
        status = end.code
    return status, output.getvalue().splitlines()


@pytest.fixture
def department():
    make_department("isere", code="38")
    return make_department("allier", code="03", locales=("fr", "en"))


def lose_home(department):
    with retirement(department):
        home_of(department, "en").delete()


def lose_group(department):
    with retirement(department):
        Group.objects.get(name="allier:editor").delete()


def lose_row_of_group(department):
    with retirement(department):
        DepartmentGroup.objects.get(group__name="allier:editor").delete()


def lose_permission(department):
    GroupPagePermission.objects.filter(group__name="allier:editor", permission__codename="change_page").delete()


def gain_permission(department):
    Group.objects.get(name="allier:editor").permissions.add(Permission.objects.get(codename="change_user"))


def move_site(department):
    Site.objects.filter(pk=department.site_id).update(root_page=home_of(department, "en"))


def lose_source(department):
    DepartmentLocale.objects.filter(department=department).update(is_source=False)


def move_collection(department):
    other = Collection.get_first_root_node().add_child(instance=Collection(name="autre"))
    Collection.objects.get(pk=department.collection_id).move(other, "sorted-child")


def move_container(department):
    with retirement(department):
        Page.objects.get(pk=department.container_id).move(home_of(make_department("loire", code="42")), "last-child")


def rename_host(department):
    Site.objects.filter(pk=department.site_id).update(hostname="allier.nowhere.invalid")


def strange_language(department):
    page = make_page(StandardPage, department)
    locale, _created = Locale.objects.get_or_create(language_code="it")
    Page.objects.filter(pk=page.pk).update(locale=locale)


def second_home(department):
    home = home_of(department, "en")
    copy = type(home)(title="Copie", slug="copie", locale=home.locale)
    Page.objects.get(pk=department.container_id).add_child(instance=copy)


def home_offline(department):
    with retirement(department):
        home_of(department, "en").unpublish()


def home_ends(department):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    Page.objects.filter(pk=home_of(department, "en").pk).update(expire_at=tomorrow)


DIFFERENCES = {
    home_offline: ("the home in en is not live", True),
    home_ends: ("the home in en goes offline at ", True),
    lose_home: ("the language en has no home", True),
    lose_group: ("there is no group of the role editor", True),
    lose_row_of_group: ("there is no group of the role editor", True),
    lose_permission: ("the group allier:editor lacks wagtailcore.change_page on page", True),
    gain_permission: ("the group allier:editor has users.change_user, which is too much", True),
    move_site: ("not at the home in the source language", True),
    lose_source: ("none of the languages is the source", True),
    move_collection: ("is not directly below the root of collections", True),
    move_container: ("is not directly below the root", True),
    rename_host: ("ALLOWED_HOSTS does not have allier.nowhere.invalid", False),
    strange_language: ("1 page(s) in it, which is none of the languages", False),
    second_home: ("the language en has 2 homes", False),
}


def test_a_home_that_is_put_back_online_shows_what_was_public_and_keeps_its_draft(department):
    home = home_of(department, "en").specific
    home.title = "Draft"
    home.save_revision()
    process_refresh_requests()
    home_offline(department)
    process_refresh_requests()
    documents = PublishedDocument.objects.filter(content_id=home.translation_key, locale="en")
    assert [document.is_withdrawn for document in documents] == [True]
    assert check("--fix")[0] == 0
    process_refresh_requests()
    home.refresh_from_db()
    assert (home.live, home.title) == (True, "Allier")
    assert home.get_latest_revision_as_object().title == "Draft"
    assert [document.is_withdrawn for document in documents.all()] == [False]


def test_without_any_difference_it_is_silent(department):
    assert check() == (0, [])
    assert check("--fix") == (0, [])


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.__name__)
def test_a_difference_has_a_line_and_is_put_right_if_it_can_be(department, difference):
    expected, can_be_fixed = DIFFERENCES[difference]
    difference(department)
    status, lines = check()
    assert status == 1
    assert any(expected in line for line in lines), lines
    assert all(line.startswith(("Allier (03): ", "Loire (42): ")) for line in lines)
    status, lines = check("--fix")
    assert status == (0 if can_be_fixed else 1)
    assert check()[0] == status

"""Provisioning of a department creates all its objects once, or none after an error."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import Http404
from django.test import RequestFactory
from wagtail.models import Collection, GroupPagePermission, Page, Site

from cms.delivery.models import RefreshRequest
from cms.pages.models import DepartmentHomePage
from sites.access.ownership import department_of_page
from sites.models import Department, DepartmentContainerPage
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_section

pytestmark = pytest.mark.django_db


BAD_HOSTS = (
    "",
    "http://isere.example",
    "isere.example:80",
    "isere.example/",
    "isere.example.",
    "isère.example",
    "isere_.example",
    "-isere.example",
    "isere-.example",
    "isere..example",
    "isere.example\n",
    f"{'i' * 64}.example",
    ".".join(["isere"] * 43),
)


def counts():
    models = (Collection, Department, Group, GroupPagePermission, Page, Site, RefreshRequest)
    return {model.__name__: model.objects.count() for model in models}


def test_a_new_database_has_no_site_and_no_page_but_the_root():
    assert not Site.objects.exists()
    assert Page.objects.get().depth == 1
    assert Page.objects.get().numchild == 0


def test_provisioning_creates_container_homes_site_collection_and_groups():
    department = make_department("isere", code="38", locales=("fr", "en", "it"))

    container = Page.objects.get(pk=department.container_id)
    homes = DepartmentHomePage.objects.child_of(container)
    assert container.get_parent().is_root()
    assert {home.locale.language_code for home in homes} == {"fr", "en", "it"}
    assert len({home.translation_key for home in homes}) == 1
    assert all(home.live for home in homes)
    assert department.site.root_page.locale.language_code == "fr"
    assert department.collection.name == "Isere"
    assert department.source_locale.language_code == "fr"
    names = set(Group.objects.filter(name__startswith="isere:").values_list("name", flat=True))
    everywhere = {"isere:administrator", "isere:publisher", "isere:editor", "isere:media_manager", "isere:reader"}
    partners = {f"isere:{role}:{locale}" for role in ("translator", "reviewer") for locale in ("en", "it")}
    assert names == everywhere | partners


def test_a_translator_holds_change_on_the_own_home_only():
    department = make_department("isere", locales=("fr", "it"))
    permission = GroupPagePermission.objects.get(group__name="isere:translator:it")
    assert permission.page_id == home_of(department, "it").pk
    assert permission.permission.codename == "change_page"


def test_no_role_holds_a_global_model_permission():
    make_department("isere")
    for group in Group.objects.filter(name__startswith="isere:"):
        assert {permission.codename for permission in group.permissions.all()} == {"access_admin"}


def test_provisioning_again_only_adds_missing_parts():
    make_department("isere", code="38")
    before = counts()
    make_department("isere", code="38")
    assert counts() == before

    department = make_department("isere", code="38", locales=("fr", "en", "fi"), contact_email="contact@isere.example")
    assert home_of(department, "fi").live
    assert Department.objects.get(code="38").contact_email == "contact@isere.example"
    assert counts()["Department"] == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"code": "999"}, "code"),
        ({"locales": ("fr", "xx")}, "locales"),
        ({"source": "it"}, "source"),
        ({"primary_colour": "#ffff00"}, "primary_colour"),
        ({"accent_colour": "blue"}, "accent_colour"),
        *(({"hostname": hostname}, "hostname") for hostname in BAD_HOSTS),
        *(({"port": port}, "port") for port in (0, -1, 65536)),
    ],
)
def test_invalid_value_raises_an_error_at_its_field_and_creates_nothing(arguments, field):
    before = counts()
    with pytest.raises(ValidationError) as refusal:
        make_department("isere", **{"code": "38", **arguments})
    assert field in refusal.value.message_dict
    assert counts() == before


@pytest.mark.parametrize("hostname", ["localhost", "isere.localhost", "38.example", "xn--isre-6oa.example", "i" * 63])
def test_host_name_is_stored_in_lower_case(hostname):
    department = make_department("isere", hostname=hostname.upper(), port=65535)
    assert (department.site.hostname, department.site.port) == (hostname, 65535)


def test_container_has_no_url():
    department = make_department("isere")
    container = DepartmentContainerPage.objects.get(pk=department.container_id)
    assert container.url is None
    assert container.get_url_parts() is None
    with pytest.raises(Http404):
        container.route(RequestFactory().get("/"), [])


def test_a_page_belongs_to_the_department_of_its_container():
    allier, isere = make_department("allier"), make_department("isere")
    assert department_of_page(make_section(allier, "event")) == allier
    assert department_of_page(home_of(isere)) == isere
    assert department_of_page(Page.objects.get(depth=1)) is None

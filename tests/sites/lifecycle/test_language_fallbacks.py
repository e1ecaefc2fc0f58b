"""A department chooses its fallback languages."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cms.delivery.models import RefreshRequest
from sites.lifecycle.audit import audit_department
from sites.lifecycle.language_fallbacks import set_fallbacks
from sites.lifecycle.language_removal import remove_language
from sites.models import DepartmentLocale
from sites.models.language_chains import language_chains
from tests.factories.departments import make_department
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return make_department("allier", locales=("fr", "en", "it"))


def chains(department):
    return language_chains(department.department_locales.select_related("locale"))


@pytest.fixture
def send(client, department):
    client.force_login(make_user("administrator", groups=["allier:administrator"]))
    url = reverse("department_languages", args=[department.pk])
    return lambda **values: client.post(url, values, follow=True)


def test_the_screen_stores_a_chain(send, department):
    before = RefreshRequest.objects.count()
    response = send(it="en", en="fr", fr="")
    assert [message.level_tag for message in response.context["messages"]] == ["success"]
    assert chains(department) == {"fr": (), "en": ("fr",), "it": ("en", "fr")}
    assert RefreshRequest.objects.count() == before, "no document depends on it"


@pytest.mark.parametrize("values", [{"it": "en", "en": "it"}, {"it": "it"}, {"it": "de"}, {"it": "xx"}])
def test_the_screen_refuses_circles_and_languages_of_others(send, department, values):
    response = send(**values)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert set(chains(department).values()) == {()}


def test_only_who_edits_the_settings_may_choose(client, department):
    make_department("isere", code="38", locales=("fr", "it"))
    url = reverse("department_languages", args=[department.pk])
    for role in ("allier:editor", "isere:administrator"):
        client.force_login(make_user(role.replace(":", "-"), groups=[role]))
        assert client.post(url, {"it": "fr"}).status_code in (403, 404)
    assert set(chains(department).values()) == {()}


def test_a_removed_language_leaves_the_chain_whole(department):
    set_fallbacks(department, {"it": "en", "en": "fr"})
    remove_language(department.department_locales.get(locale__language_code="en"))
    assert chains(department) == {"fr": (), "it": ("fr",)}


def test_the_audit_names_circles_and_languages_of_other_departments(department):
    rows = {row.locale.language_code: row for row in department.department_locales.select_related("locale")}
    with pytest.raises(ValidationError):
        set_fallbacks(department, {"fr": "it", "it": "fr"})
    DepartmentLocale.objects.filter(pk=rows["fr"].pk).update(fallback=rows["it"])
    DepartmentLocale.objects.filter(pk=rows["it"].pk).update(fallback=rows["fr"])
    assert chains(department)["it"] == ("fr",), "a circle ends"
    other = make_department("isere", code="38").department_locales.first()
    DepartmentLocale.objects.filter(pk=rows["en"].pk).update(fallback=other)
    problems = " ".join(audit_department(department))
    assert "fr → it → fr" in problems
    assert "another department" in problems

"""The department settings: only administrators of the department change them, and colours need enough contrast."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from cms.delivery.models import RefreshRequest
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

FORM = {
    "contact_email": "contact@allier.example", "contact_phone": "", "contact_address": "Moulins", "logo": "",
    "primary_colour": "#225e3c", "accent_colour": "#8a3b12",
}  # fmt: skip


@pytest.fixture
def department():
    return make_department("allier", code="03", locales=("fr", "it"))


@pytest.fixture
def administrator(client, department):
    client.force_login(make_user("administration", groups=["allier:administrator"]))
    return client


def settings_of(department):
    return reverse("department_settings", args=[department.pk])


def test_menu_opens_the_settings_with_read_only_instance_values(administrator, department):
    page = administrator.get(reverse("current_department_settings"), follow=True).content.decode()
    assert "http://allier.example.test/" in page
    assert "Français (source), Italien" in page
    assert 'name="slug"' not in page


def test_they_are_saved_logged_and_shown_by_the_api(administrator, department, client):
    logo = ImageFactory(title="Logo", collection=department.collection)
    response = administrator.post(settings_of(department), FORM | {"logo": logo.pk})
    assert response.status_code == 302
    department.refresh_from_db()
    assert (department.contact_address, department.primary_colour, department.logo) == ("Moulins", "#225e3c", logo)
    assert ModelLogEntry.objects.filter(action="wagtail.edit", object_id=str(department.pk)).count() == 1
    shown = client.get("/api/v1/departments/allier/").json()
    assert shown["contact"]["email"] == "contact@allier.example"
    assert shown["appearance"]["primary_colour"] == "#225e3c"


def test_unchanged_settings_are_not_logged(administrator, department):
    administrator.post(settings_of(department), FORM)
    administrator.post(settings_of(department), FORM)
    assert ModelLogEntry.objects.filter(action="wagtail.edit", object_id=str(department.pk)).count() == 1


def test_documents_are_rebuilt_after_a_contact_change_only(administrator, department):
    administrator.post(settings_of(department), FORM)
    for changes, asks in (({"accent_colour": "#1b4f72"}, 0), ({"contact_phone": "04 70 00 00 00"}, 1)):
        before = RefreshRequest.objects.count()
        administrator.post(settings_of(department), FORM | {"accent_colour": "#1b4f72"} | changes)
        assert RefreshRequest.objects.count() - before == asks


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("primary_colour", "#ffff00", "contraste"),
        ("accent_colour", "bleu", "six chiffres"),
        ("contact_email", "nobody", "valide"),
    ],
)
def test_invalid_value_shows_an_error_at_its_field(administrator, department, field, value, words):
    response = administrator.post(settings_of(department), FORM | {field: value})
    assert response.status_code == 200
    assert words in str(response.context["form"].errors[field])
    department.refresh_from_db()
    assert getattr(department, field) != value


def test_the_logo_is_an_image_of_the_department(administrator, department):
    foreign = ImageFactory(title="Secret", collection=make_department("isere", code="38").collection)
    response = administrator.post(settings_of(department), FORM | {"logo": foreign.pk})
    assert response.status_code == 404
    assert "Secret" not in response.content.decode()
    department.refresh_from_db()
    assert department.logo is None


@pytest.mark.parametrize("role", ["publisher", "editor", "media_manager", "reader", "translator:it", "reviewer:it"])
def test_only_administrators_open_the_settings(client, department, role):
    client.force_login(make_user("other", groups=[f"allier:{role}"]))
    assert client.get(settings_of(department)).status_code == 404
    assert client.post(settings_of(department), FORM).status_code == 404
    assert settings_of(department) not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_settings_require_the_capability_in_that_department(client, department):
    isere = make_department("isere", code="38")
    client.force_login(make_user("both", groups=["allier:administrator", "isere:editor"]))
    assert client.get(settings_of(department)).status_code == 200
    assert client.get(settings_of(isere)).status_code == 404
    assert client.post(settings_of(isere), FORM).status_code == 404


def test_superuser_without_a_current_department_must_choose_one(client, department):
    client.force_login(make_user("root", is_superuser=True))
    response = client.get(reverse("current_department_settings"), follow=True)
    assert "Choisissez d’abord un département" in response.content.decode()
    assert client.get(settings_of(department)).status_code == 200

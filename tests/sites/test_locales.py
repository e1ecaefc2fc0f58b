"""Languages of the instance: a new language does not create pages."""

import pytest
from django.urls import NoReverseMatch, reverse
from wagtail.models import Locale, Page
from wagtail_localize.models import LocaleSynchronization

from cms.pages.models import StandardPage
from sites.models import DepartmentLocale
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

SYNCHRONISED = {
    "wagtail_localize_localesynchronization-enabled": "on",
    "component-wagtail_localize_localesynchronization-enabled": "on",
    "component-wagtail_localize_localesynchronization-sync_from": "",
    "sync_from": "",
}


@pytest.fixture
def superuser(client):
    client.force_login(make_user("admin", is_superuser=True))


def test_locale_form_ignores_synchronisation_fields(client, superuser):
    department = make_department("allier", locales=("fr", "en"))
    make_page(StandardPage, department)
    french = Locale.objects.get(language_code="fr")
    before = set(Page.objects.values_list("pk", flat=True))
    fields = {name: value or french.pk for name, value in SYNCHRONISED.items()}
    add = reverse("wagtaillocales:add")
    page = client.get(add).content.decode()
    assert "language_code" in page
    assert "sync" not in page.lower().replace("async", "")

    assert client.post(add, {"language_code": "it"} | fields).status_code == 302
    italian = Locale.objects.get(language_code="it")
    edit = reverse("wagtaillocales:edit", args=[italian.pk])
    assert "sync_from" not in client.get(edit).content.decode()
    assert client.post(edit, {"language_code": "it"} | fields).status_code == 302

    make_page(StandardPage, department)
    assert not LocaleSynchronization.objects.exists()
    assert not Page.objects.filter(alias_of__isnull=False).exists()
    assert not Page.objects.filter(locale=italian).exists()
    assert len(set(Page.objects.values_list("pk", flat=True)) - before) == 1
    # No department has a new language of the instance until an administrator adds it.
    assert not DepartmentLocale.objects.filter(locale=italian).exists()


def test_locale_has_no_copy_view():
    with pytest.raises(NoReverseMatch):
        reverse("wagtaillocales:copy", args=[1])

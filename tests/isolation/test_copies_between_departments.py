"""A page is copied to another department by nobody, also not by a member of both."""

import pytest
from django.urls import reverse
from wagtail.models import Page

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    """Return a page of a department. A member of it and of another one is logged in."""
    department = make_department("allier", code="03")
    make_department("isere", code="38")
    client.force_login(make_user("member", groups=["allier:publisher", "isere:publisher"]))
    return make_page(StandardPage, department, title="Page", slug="page")


@pytest.mark.parametrize("action", ["copy", "create_alias", "move"])
def test_the_api_refuses_it(client, page, action):
    other = Page.objects.get(url_path="/isere/fr/")
    url = reverse("wagtailadmin_api:pages:action", args=[page.pk, action])
    data = {"destination_page_id": other.pk, "position": "last-child"}
    answer = client.post(url, data, "application/json")
    assert answer.status_code == 400
    assert "reste dans son département" in answer.content.decode()
    assert not other.get_descendants().exists()
    own = page.get_parent().pk
    data = {"destination_page_id": own, "position": "last-child", "slug": "a", "update_slug": "a"}
    assert client.post(url, data, "application/json").status_code in (200, 201)


@pytest.mark.parametrize("alias", ["", "on"])
@pytest.mark.parametrize("key", ["{}", " {}", "+{}"])
def test_the_form_refuses_it(client, page, alias, key):
    other = Page.objects.get(url_path="/isere/fr/")
    form = {"new_title": "Page", "new_slug": "page", "new_parent_page": key.format(other.pk), "alias": alias}
    url = reverse("wagtailadmin_pages:copy", args=[page.pk])
    client.post(url, form)
    assert not other.get_descendants().exists()
    own = page.get_parent()
    client.post(url, form | {"new_slug": "copy", "new_parent_page": str(own.pk)})
    copied = own.get_children().get(slug="copy")
    assert (copied.alias_of_id == page.pk) == bool(alias)

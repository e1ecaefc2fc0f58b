"""Malformed requests, which no form of the admin sends, get a client error and not a server error."""

import pytest
from django.urls import reverse

from tests.factories.departments import make_department
from tests.factories.pages import home_of
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department(client):
    department = make_department("allier")
    client.force_login(make_user("a", groups=["allier:administrator"]))
    return department


def test_truncated_form_answers_400(client, department):
    response = client.post(reverse("wagtailadmin_pages:edit", args=[home_of(department).pk]), {"title": "x"})
    assert response.status_code == 400
    home = home_of(department)
    assert home.title != "x"


def test_number_outside_the_key_range_answers_400(client, department):
    address = reverse("wagtailadmin_explore", args=[department.container_id])
    assert client.get(address, {"owner": "9" * 22, "locale": "zz"}).status_code < 500

"""Tests of redirects from former URLs of moved pages."""

import pytest

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page


@pytest.mark.django_db
def test_a_former_url_redirects_to_the_new_one(client, commits):
    with commits():
        department = make_department("allier")
        page = make_page(StandardPage, department, slug="ancienne")
    with commits():
        page.slug = "nouvelle"
        page.save_revision().publish()

    response = client.get("/fr/ancienne/", headers={"host": "allier.example.test"})
    assert (response.status_code, response.url) == (301, "/fr/nouvelle/")
    assert client.get(response.url, headers={"host": "allier.example.test"}).status_code == 200

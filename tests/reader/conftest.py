"""A department and what it publishes, for the tests of the reader."""

import pytest
from bs4 import BeautifulSoup

from cms.delivery.models import Placement
from tests.factories.documents import DepartmentFactory, DocumentFactory

from .samples import document

HOST = "allier.example.test"


@pytest.fixture
def allier(db):
    return DepartmentFactory(slug="allier", code="03", name="Allier", locales=["fr", "en"])


@pytest.fixture
def publish(allier):
    """`publish("event", title=…)`: publish the sample of a type with other members; `also_at` = {department: path}."""

    def publish(type_, *, content=None, department=allier, also_at=None, row=None, **members):
        data = document(type_, content, **({"department": department.slug} | members))
        published = DocumentFactory(
            department=department,
            type=type_,
            locale=data["locale"],
            title=data["title"],
            path=data["path"],
            data=data,
            **(row or {}),
        )
        for other, path in (also_at or {}).items():
            Placement.objects.create(document=published, department=other, path=path, is_canonical=False)
        return published

    return publish


@pytest.fixture
def get(client):
    """`get(path)`: the answer on the department's own host; `host=` another one."""

    def get(path, host=HOST, **headers):
        return client.get(path, headers={"host": host, **headers})

    return get


@pytest.fixture
def read(get):
    """`read(path)`: the page at a path, parsed."""

    def read(path, host=HOST, status=200):
        response = get(path, host)
        assert response.status_code == status, response
        return BeautifulSoup(response.content.decode(), "html.parser")

    return read

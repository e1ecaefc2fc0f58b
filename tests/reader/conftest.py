"""A department and its published documents."""

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
    """Return a function that publishes the sample of a type with changed keys; `also_at` is {department: path}."""

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
    """Return a function that requests a path on the department's host, or on `host`."""

    def get(path, host=HOST, **headers):
        return client.get(path, headers={"host": host, **headers})

    return get


@pytest.fixture
def read(get):
    """Return a function that requests a path and returns the parsed page."""

    def read(path, host=HOST, status=200):
        response = get(path, host)
        assert response.status_code == status, response
        return BeautifulSoup(response.content.decode(), "html.parser")

    return read

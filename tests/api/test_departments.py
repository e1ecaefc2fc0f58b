"""Departments in the API: fields, list, number of queries and errors."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from cms.media.models import CustomImage
from tests.factories.documents import DepartmentFactory
from tests.factories.media import ImageFactory, png

pytestmark = [
    pytest.mark.django_db,
    # Wagtail does not close the temporary file of a rendition.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]

DEPARTMENTS = "/api/v1/departments/"


@pytest.fixture
def logo() -> CustomImage:
    file = ContentFile(png(600, 300), name="logo.png")
    return ImageFactory.create(description="Logo de l'Isère", credit="Isère", file=file)


def test_a_department_has_url_languages_contact_and_appearance(client: Client, logo: CustomImage) -> None:
    DepartmentFactory.create(code="38", name="Isère", slug="isere", locales=["fr", "it", "en"], logo=logo)
    department = client.get(f"{DEPARTMENTS}isere/").json()
    appearance = department.pop("appearance")
    image = appearance.pop("logo")
    assert department == {
        "code": "38",
        "name": "Isère",
        "slug": "isere",
        "url": "http://isere.example.test/",
        "locales": [
            {"code": "fr", "is_source": True, "fallbacks": []},
            {"code": "en", "is_source": False, "fallbacks": []},
            {"code": "it", "is_source": False, "fallbacks": []},
        ],
        "contact": {
            "email": "contact@isere.example",
            "phone": "+33 4 70 00 00 00",
            "address": "1 place de l'Exemple\n03000 Moulins",
        },
    }
    assert appearance == {"primary_colour": "#1f4e79", "accent_colour": "#8a3b12"}
    assert (image["width"], image["height"], image["alt"], image["credit"]) == (
        600,
        300,
        "Logo de l'Isère",
        "Isère",
    )
    assert (image["thumbnail"]["width"], image["thumbnail"]["height"]) == (480, 240)
    for url in (image["url"], image["thumbnail"]["url"]):
        assert url.startswith("http://isere.example.test/media/")


def test_departments_are_listed_by_code(client: Client) -> None:
    for code in ("92", "03", "38"):
        DepartmentFactory.create(code=code)
    answer = client.get(DEPARTMENTS, {"page_size": "2"}).json()
    assert answer["count"] == 3
    assert [department["code"] for department in answer["results"]] == ["03", "38"]
    assert answer["next"] == "http://testserver/api/v1/departments/?page_size=2&page=2"
    assert [department["code"] for department in client.get(answer["next"]).json()["results"]] == ["92"]


@pytest.mark.parametrize("number", [2, 20])
def test_the_number_of_queries_does_not_depend_on_the_number_of_departments(
    client: Client, django_assert_max_num_queries, logo: CustomImage, number: int
) -> None:
    DepartmentFactory.create_batch(number, locales=["fr", "en"], logo=logo)
    with django_assert_max_num_queries(3):
        assert client.get(DEPARTMENTS).json()["count"] == number


def test_a_lost_logo_is_null(client: Client, logo: CustomImage) -> None:
    DepartmentFactory.create(logo=logo)
    logo.file.storage.delete(logo.file.name)
    logo.renditions.all().delete()
    (department,) = client.get(DEPARTMENTS).json()["results"]
    assert department["appearance"]["logo"] is None


@pytest.mark.parametrize("slug", ["atlantis", "%00", "h%C3%A9rault", "ISERE"])
def test_an_unknown_department_is_not_found(client: Client, slug: str) -> None:
    DepartmentFactory.create(slug="isere")
    response = client.get(f"{DEPARTMENTS}{slug}/")
    problem = response.json()
    assert (response.status_code, problem["parameter"], problem["allowed"]) == (404, "slug", ["isere"])
    assert problem["value"] in problem["detail"]


def test_a_department_takes_no_query_parameter(client: Client) -> None:
    DepartmentFactory.create(slug="isere")
    assert client.get(f"{DEPARTMENTS}isere/?locale=fr").json()["parameter"] == "locale"

"""Properties that all URLs of the API share."""

import pytest
from django.test import Client

from cms.api.public_views import PublicView
from cms.api.urls import LISTS, urlpatterns


@pytest.mark.django_db
def test_the_root_names_every_list(client: Client) -> None:
    urls = client.get("/api/v1/").json()
    assert list(urls) == list(LISTS)
    assert urls["events"] == "http://testserver/api/v1/events/"


@pytest.mark.django_db
def test_every_url_of_the_root_answers(client: Client) -> None:
    for url in client.get("/api/v1/").json().values():
        assert client.get(url).json()["results"] == []


def test_the_root_takes_no_parameter(client: Client) -> None:
    assert client.get("/api/v1/?locale=fr").status_code == 400


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_every_view_inherits_its_permission_from_public_view(pattern) -> None:
    view = pattern.callback.view_class
    assert issubclass(view, PublicView)
    for name in ("permission_classes", "authentication_classes", "http_method_names"):
        assert name not in vars(view)


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_no_view_opens_a_transaction(pattern) -> None:
    assert "default" in pattern.callback._non_atomic_requests


def test_scripts_of_other_sites_may_send_conditional_requests(client: Client) -> None:
    response = client.options(
        "/api/v1/contents/",
        headers={"Origin": "https://partner.example", "Access-Control-Request-Method": "GET"},
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert response.headers["Access-Control-Allow-Headers"] == "If-None-Match"

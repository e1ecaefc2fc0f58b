"""Absolute URLs have scheme, host and port of the site's record, whatever port the request names."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.urls import reverse

from sites.access.hosts import base_url
from tests.factories.departments import make_department
from tests.factories.pages import home_of
from tests.factories.users import make_user
from tests.isolation.conftest import committed_fixture_data, fixture_data  # noqa: F401 (fixtures)
from tests.isolation.endpoints import endpoints
from tests.isolation.public import public_targets

from .url_paths import url_paths

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

PORT = "8123"
V2_ADDRESS = re.compile(r'"(?:detail_url|html_url|download_url)":"(https?://[^/"]+)')


def text_of(response):
    """Return the headers and the body of a response as one text."""
    body = b"".join(response) if response.streaming else response.content
    return f"{response.headers}\n{body.decode(errors='replace')}"


def test_no_url_answers_with_the_port_of_the_request(client):
    """Paths that are made from the URL configuration, on the host of a department and on another host."""
    make_department("allier", code="03")
    client.force_login(make_user("root", is_superuser=True))
    client.raise_request_exception = False
    for host in ("allier.example.test", "testserver"):
        for path in url_paths():
            assert PORT not in text_of(client.get(path, headers={"host": f"{host}:{PORT}"})), path


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        pytest.param(443, "https://{host}", id="https, also behind a proxy that hides it"),
        pytest.param(80, "http://{host}", id="http"),
        pytest.param(8001, "http://{host}:8001", id="a port of its own"),
    ],
)
@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "secure"])
def test_public_surfaces_answer_with_the_url_of_the_site(client, fixture_data, port, expected, is_secure):  # noqa: F811
    """Every public URL with the objects of the own department; lists have several pages."""
    site = fixture_data.ours.department.site
    site.port = port
    site.save()
    found, names = set(), set()
    for target in public_targets(fixture_data, "own"):
        names.add(target.endpoint.name)
        host = f"{site.hostname}:{PORT}"
        lists = [target.url]
        if target.endpoint.surface in ("api", "search", "v2"):
            start = f"{target.url}{'&' if '?' in target.url else '?'}"
            lists += [f"{start}page_size=1", f"{start}limit=1"]
        for url in lists:
            response = client.get(url, headers={"host": host}, secure=is_secure)
            assert PORT not in text_of(response), url
            # Stored documents have the URL that the site had when they were written.
            if target.endpoint.surface in ("api", "search") and response.status_code == 200:
                data = response.json()
                links = [data.get("next"), data.get("previous")] if isinstance(data, dict) else []
                links += list(data.values()) if target.endpoint.name == "api:root" else []
                found |= {f"{urlsplit(link).scheme}://{urlsplit(link).netloc}" for link in links if link}
            elif target.endpoint.surface == "v2" and response.status_code == 302:
                found.add("{0.scheme}://{0.netloc}".format(urlsplit(response["Location"])))
            elif target.endpoint.surface == "v2" and target.host == site.hostname:
                found |= set(V2_ADDRESS.findall(text_of(response)))
    assert found == {expected.format(host=site.hostname)}
    assert names == {endpoint.name for endpoint in endpoints() if endpoint.surface not in ("admin", "preview")}


def test_a_host_without_a_department_has_the_scheme_and_port_of_the_instance(rf, settings):
    for base, expected in (
        ("https://admin.example.test", "https://testserver"),
        ("http://127.0.0.1:8000", "http://testserver:8000"),
    ):
        settings.WAGTAILADMIN_BASE_URL = base
        assert base_url(rf.get("/", HTTP_HOST=f"testserver:{PORT}")) == expected


def test_mail_has_the_url_of_the_instance(client, settings, commits):
    settings.WAGTAILADMIN_BASE_URL = "https://admin.example.test"
    make_user("camille")
    form, headers = {"email": "camille@example.org"}, {"host": f"testserver:{PORT}"}
    with commits():
        client.post(reverse("wagtailadmin_password_reset"), form, headers=headers)
    [message] = mail.outbox
    assert "https://admin.example.test/admin/" in message.body
    assert PORT not in message.body


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("allier.example.test:8123", "https://allier.example.test/fr/?a=b"),
        ("admin.example.test:8123", "https://admin.example.test:8443/fr/?a=b"),
    ],
)
def test_the_redirect_to_https_has_no_port_of_the_request(client, settings, host, expected):
    settings.SECURE_SSL_REDIRECT = True
    settings.WAGTAILADMIN_BASE_URL = "https://admin.example.test:8443"
    response = client.get("/fr/?a=b", headers={"host": host})
    assert (response.status_code, response["Location"]) == (301, expected)
    assert client.get("/search/", headers={"host": host}, secure=True).status_code == 200


def test_a_refused_change_redirects_to_a_path(client):
    """The URL of the referring page may have the port of the request, or a path that looks like a host."""
    client.force_login(make_user("root", is_superuser=True))
    department = make_department("allier", code="03")
    url = reverse("wagtailadmin_pages:delete", args=[home_of(department).pk])
    for path, expected in (("/admin/pages/?p=2", "/admin/pages/?p=2"), ("//evil.example/", "/%2Fevil.example/")):
        headers = {"host": f"testserver:{PORT}", "referer": f"http://testserver:{PORT}{path}"}
        response = client.post(url, headers=headers)
        assert (response.status_code, response["Location"]) == (302, expected)

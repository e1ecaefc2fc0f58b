"""Every response has the security headers, none of the admin is cached; pages of the reader have a nonce."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import resolve, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from cms import reader, translations
from cms.hardening.security_headers import CACHEABLE_IN_ADMIN
from tests.factories.users import PASSWORD, make_user
from tests.reader.conftest import allier, get, publish  # noqa: F401 (fixtures)

from .url_paths import url_paths

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def directives(response):
    """Return the policy of a response as {directive: sources}."""
    policy = response["Content-Security-Policy"]
    return {name: sources.split() for name, _space, sources in (part.partition(" ") for part in policy.split("; "))}


@pytest.mark.parametrize("is_superuser", [False, True], ids=["anonymous", "superuser"])
def test_every_url_has_the_headers(client, is_superuser):
    """Only the admin has inline scripts; no policy has sources other than this host. No cache keeps the admin."""
    if is_superuser:
        client.force_login(make_user("root", is_superuser=True))
    client.raise_request_exception = False
    paths = url_paths()
    assert len(paths) > 250
    for path in paths:
        response = client.get(path)
        policy = directives(response)
        assert policy["default-src"] == ["'none'"], path
        for name in ("object-src", "base-uri"):
            assert policy[name] == ["'none'"], path
        assert policy["frame-ancestors"] in (["'none'"], ["'self'"]), path
        assert response["Permissions-Policy"].startswith("accelerometer=()"), path
        assert response["X-Content-Type-Options"] == "nosniff", path
        assert response["Referrer-Policy"] in ("same-origin", "no-referrer"), path
        sources = {source for values in policy.values() for source in values if not source.startswith("'nonce-")}
        assert "'unsafe-eval'" not in sources, path
        media_type = response.get("Content-Type", "")
        assert not media_type.startswith("text/") or "charset=utf-8" in media_type.replace('"', ""), path
        if path.startswith("/admin/"):
            if resolve(path).view_name not in CACHEABLE_IN_ADMIN:
                assert "no-store" in response["Cache-Control"], path
            assert sources <= {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}, path
        elif not path.startswith("/media/"):
            assert sources <= {"'none'", "'self'"}, path


def test_scripts_and_style_sheets_of_the_reader_have_the_nonce_of_the_response(publish, get):  # noqa: F811
    publish("event", path="/fr/salon/", locale="fr")
    nonces = set()
    for path in ("/fr/salon/", "/fr/nothing/", "/search/?q=a", "/search/"):
        response = get(path)
        policy, page = directives(response), BeautifulSoup(response.content.decode(), "html.parser")
        [source] = policy["script-src"]
        nonce = source.removeprefix("'nonce-").removesuffix("'")
        elements = page.select("script, style, link[rel=stylesheet]")
        assert len(elements) >= 2, path
        assert {element["nonce"] for element in elements} == {nonce}, path
        assert policy["style-src"] == [source]
        assert policy["frame-ancestors"] == ["'none'"]
        nonces.add(nonce)
    assert len(nonces) == 4


def test_a_page_has_the_same_etag_with_another_nonce_and_a_304_keeps_the_stored_policy(publish, get):  # noqa: F811
    publish("event", path="/fr/salon/", locale="fr")
    first, second = get("/fr/salon/"), get("/fr/salon/")
    assert first["ETag"] == second["ETag"]
    assert first.content != second.content
    unchanged = get("/fr/salon/", **{"if-none-match": first["ETag"]})
    assert unchanged.status_code == 304
    assert "Content-Security-Policy" not in unchanged


def test_no_template_of_the_reader_has_inline_code():
    """Event attributes, `style` attributes and `javascript:` URLs have no nonce."""
    readers, guests = (Path(package.__file__).parent / "templates" for package in (reader, translations))
    paths = [*readers.rglob("*.html"), *guests.rglob("guest_[bcr]*.html")]
    assert len(paths) - 3 == len([*readers.rglob("*.html")])
    texts = {path: path.read_text() for path in paths}
    assert len(texts) > 30
    inline = ("style=", "<style", "javascript:", "onclick", "onload", "onchange", "onsubmit", "onerror")
    assert [path.name for path, text in texts.items() if any(word in text for word in inline)] == []


def test_data_allow_nothing(client):
    policy = directives(client.get(reverse("api:root")))
    assert policy == {
        "default-src": ["'none'"],
        "object-src": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "a\r\nb"])
def test_no_url_answers_other_methods(client, method):
    for path in url_paths():
        response = client.generic(method, path)
        assert response.status_code == 405, path
        assert method not in response.content.decode(), path


def test_a_wrong_host_gets_the_headers(client):
    for settings_of_client in ({}, {"secure": True}):
        response = client.get("/", headers={"host": "elsewhere.example.com"}, **settings_of_client)
        assert response.status_code == 400
        assert directives(response)["default-src"] == ["'none'"]
        assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["wagtailadmin_logout", "account_security_leave"])
def test_a_logout_clears_what_the_browser_has_stored(client, name):
    client.force_login(make_user("root", is_superuser=True))
    assert client.post(reverse(name))["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get(reverse("wagtailadmin_login"))


def test_programs_without_encryption_are_refused_and_browsers_are_redirected(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(reverse("api:root"), headers={"authorization": "Bearer secret"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/https-required")
    assert directives(answer)["default-src"] == ["'none'"]
    page = client.get("/admin/")
    assert (page.status_code, page.url) == (301, "https://testserver/admin/")
    assert client.get("/admin/", headers={"host": "elsewhere.example.com"}).status_code == 400


def test_every_cookie_is_of_this_host_and_of_the_server_alone(settings):
    """The cookies of a login, of messages, of a choice of department and of links, as production sets them."""
    settings.COOKIE_PREFIX = "__Host-"
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    user = make_user("root", is_superuser=True)
    reset = [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    client, found = Client(enforce_csrf_checks=False), {}
    credentials = {"username": user.username, "password": PASSWORD}
    for response in (
        client.get(reverse("wagtailadmin_password_reset_confirm", args=reset), secure=True),
        client.get(reverse("wagtailadmin_login"), secure=True),
        client.post(reverse("wagtailadmin_login"), credentials, secure=True),
        client.post(reverse("wagtailusers_groups:add"), {"name": "Group"}, secure=True),
        client.post(reverse("wagtailadmin_logout"), secure=True),
    ):
        found |= {name: cookie for name, cookie in response.cookies.items() if cookie.value}
    assert {"__Host-sessionid", "__Host-csrftoken", "__Host-messages", "__Host-password_reset"} <= set(found)
    for name, cookie in found.items():
        assert name.startswith("__Host-"), name
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", ""), name
        assert cookie["samesite"] == "Lax", name

"""Every response has a Content-Security-Policy and a Permissions-Policy; pages of the reader have a nonce."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from tests.factories.users import make_user
from tests.reader.conftest import allier, get, publish  # noqa: F401 (fixtures)

from .url_paths import url_paths

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def directives(response):
    """Return the policy of a response as {directive: sources}."""
    policy = response["Content-Security-Policy"]
    return {name: sources.split() for name, _space, sources in (part.partition(" ") for part in policy.split("; "))}


@pytest.mark.parametrize("is_superuser", [False, True], ids=["anonymous", "superuser"])
def test_every_url_has_both_headers(client, is_superuser):
    """Only the admin has inline scripts; no policy has sources other than this host."""
    if is_superuser:
        client.force_login(make_user("root", is_superuser=True))
    client.raise_request_exception = False
    paths = url_paths()
    assert len(paths) > 250
    for path in paths:
        response = client.get(path)
        policy = directives(response)
        assert policy["default-src"] == ["'none'"], path
        assert policy.get("base-uri", ["'none'"]) == ["'none'"], path
        assert response["Permissions-Policy"].startswith("accelerometer=()"), path
        sources = {source for values in policy.values() for source in values if not source.startswith("'nonce-")}
        assert "'unsafe-eval'" not in sources, path
        if path.startswith("/admin/"):
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
    """Event attributes, `style` attributes and `javascript:` addresses have no nonce."""
    from cms.reader.checks import TEMPLATES

    texts = {path: path.read_text() for path in TEMPLATES.rglob("*.html")}
    assert len(texts) > 30
    inline = ("style=", "<style", "javascript:", "onclick", "onload", "onchange", "onsubmit", "onerror")
    assert [path.name for path, text in texts.items() if any(word in text for word in inline)] == []


def test_data_allow_nothing(client):
    policy = directives(client.get(reverse("api:root")))
    assert policy == {
        "default-src": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }

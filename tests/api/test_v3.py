"""Wagtail's API, version 3: off by default; if on, instance administrators may read and nobody may write."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from wagtail.models import APIToken, Page

from cms.api import v3
from cms.users.second_factor import methods
from sites.models import AuditLogEntry
from tests.architecture.test_settings import python
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import home_of
from tests.factories.users import make_user

with_v3 = pytest.mark.urls("tests.api.v3_urls")


@pytest.fixture
def allier(db):
    return make_department("allier")


@pytest.fixture
def call(client):
    def call(method, path, user=None, **options):
        headers = {}
        if user is not None:
            _token, key = APIToken.create_token(user=user, name="test")
            headers = {"authorization": f"Bearer {key}"}
        return getattr(client, method)(f"/api/v3/{path}", headers=headers, **options)

    return call


@pytest.fixture
def administrator(db):
    return make_user("admin", is_superuser=True)


def test_it_is_off_by_default(call, allier, administrator, settings):
    assert settings.API_V3 is False
    for path in ("pages/", "images/", "docs/", "schema/", "whoami/"):
        assert call("get", path, administrator).status_code == 404


def test_the_setting_includes_it(tmp_path):
    answer = python(
        *(
            "manage.py",
            "shell",
            "--no-imports",
            "-c",
            "from django.urls import resolve; print(resolve('/api/v3/pages/').view_name)",
        ),
        DJANGO_SETTINGS_MODULE="cms.settings.dev",
        DATA_DIR=str(tmp_path),
        API_V3="true",
    )
    assert answer.stdout.strip() == "wagtailapi_v3:list_pages", answer.stderr


@with_v3
def test_only_read_urls_are_included():
    """URLs that a new version of Wagtail adds are not included."""
    names = {pattern.name for pattern in v3.urlpatterns}
    assert names == v3.READ_URL_NAMES | {"unknown"}


@with_v3
def test_an_instance_administrator_reads_everything(call, allier, administrator):
    image = ImageFactory(collection=allier.collection)
    document = DocumentFactory(collection=allier.collection)
    home = home_of(allier)
    for path, title in (
        (f"pages/{home.pk}/", home.title),
        (f"images/{image.pk}/", image.title),
        (f"documents/{document.pk}/", document.title),
    ):
        response = call("get", path, administrator)
        assert (response.status_code, response.json()["title"]) == (200, title)
        assert response["Cache-Control"] == "private, no-store"
    for path in ("pages/", "images/", "documents/"):
        assert call("get", path, administrator).json()["count"] >= 1
    found = call("get", f"pages/find/?id={home.pk}", administrator)
    assert (found.status_code, found.url.split("?")[0]) == (302, f"/api/v3/pages/{home.pk}/")


@with_v3
@pytest.mark.parametrize("required", ["nobody", "administrators", "everyone"])
def test_a_token_needs_the_second_factor_that_the_login_needs(client, administrator, settings, required):
    _token, key = APIToken.create_token(user=administrator, name="before")
    settings.SECOND_FACTOR_REQUIRED = required

    def status(key):
        return client.get("/api/v3/pages/", headers={"authorization": f"Bearer {key}"}).status_code

    assert status(key) == (200 if required == "nobody" else 401)
    if required == "nobody":
        return
    assert AuditLogEntry.objects.get(action="login_failed").details == {"method": "api_token"}
    with pytest.raises(PermissionDenied):
        APIToken.create_token(user=administrator, name="without")
    with pytest.raises(PermissionDenied):
        call_command("api_tokens", "create", "--user", administrator.username, "--name", "without")
    methods.add_app(administrator, "Téléphone", methods.new_secret(), 0)
    assert status(key) == 401  # It ended with the change.
    _token, key = APIToken.create_token(user=administrator, name="with")
    assert status(key) == 200


@with_v3
def test_wrong_and_refused_tokens_are_recorded(call, client, allier):
    client.get("/api/v3/pages/", headers={"authorization": "Bearer wrong"})
    client.get("/api/v3/pages/")
    assert AuditLogEntry.objects.get(action="login_failed").details == {"method": "api_token"}
    editor = make_user("editor", groups=["allier:editor"])
    assert call("get", "pages/", editor).status_code == 404
    assert AuditLogEntry.objects.get(action="access_refused").account == editor


@pytest.mark.django_db
def test_a_closed_account_gets_no_token():
    user = make_user("closed")
    user.is_active = False
    user.save()
    with pytest.raises(PermissionDenied):
        APIToken.create_token(user=user, name="test")


@with_v3
def test_other_tokens_and_sessions_give_no_access(call, client, allier, administrator):
    pages = [f"pages/{home_of(allier).pk}/", "pages/", "pages/?site=allier.example.test", "images/", "documents/"]
    for role in ("administrator", "publisher", "editor", "reader"):
        user = make_user(role, groups=[f"allier:{role}"])
        assert {call("get", path, user).status_code for path in pages} == {404}
    client.force_login(administrator)
    for path in pages:
        response = call("get", path)
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    revoked, key = APIToken.create_token(user=administrator, name="old")
    revoked.revoke()
    assert client.get("/api/v3/pages/", headers={"authorization": f"Bearer {key}"}).status_code == 401


@with_v3
def test_an_administrator_cannot_write(call, allier, administrator):
    page = home_of(allier)
    image = ImageFactory(collection=allier.collection)
    before = list(Page.objects.order_by("pk").values())
    for method, path, statuses in (
        ("post", "pages/", {405}),
        ("patch", f"pages/{page.pk}/", {405}),
        ("delete", f"pages/{page.pk}/", {405}),
        ("delete", f"images/{image.pk}/", {405}),
        ("post", "documents/", {405}),
        ("post", f"pages/{page.pk}/actions/unpublish/", {404}),
        ("post", f"pages/{page.pk}/actions/delete/", {404}),
        ("post", "redirects/", {404}),
        ("post", "sites/", {404}),
    ):
        response = call(method, path, administrator, data={}, content_type="application/json")
        assert response.status_code in statuses, (method, path)
    assert list(Page.objects.order_by("pk").values()) == before
    image.refresh_from_db()


OTHER_PATHS = ("", "docs/", "openapi.json", "schema/", "schema/pages.EventPage/", "sites/", "redirects/", "whoami/",
             "pages/1/revisions/", "snippets/pages.Person/")  # fmt: skip


@with_v3
@pytest.mark.parametrize("path", OTHER_PATHS)
def test_other_urls_of_wagtail_are_not_included(call, allier, administrator, path):
    response = call("get", path, administrator)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"

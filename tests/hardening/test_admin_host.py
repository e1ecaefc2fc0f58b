"""With ADMIN_HOST the admin answers on that host only, and other hosts have no session."""

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from wagtail.models import CollectionViewRestriction

from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory
from tests.factories.users import make_user

from .url_paths import url_paths

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

ADMIN = "admin.example.test"
PUBLIC = "allier.example.test"


@pytest.fixture(autouse=True)
def admin_host(settings):
    settings.ADMIN_HOST = ADMIN
    settings.WAGTAILADMIN_BASE_URL = f"https://{ADMIN}"


def test_no_url_of_the_admin_answers_on_a_public_host(client):
    client.force_login(make_user("root", is_superuser=True))
    paths = [path for path in url_paths() if path.startswith("/admin/")]
    assert len(paths) > 200
    missing = client.get("/admin/nothing/here/", headers={"host": PUBLIC})
    for path in paths:
        for send in (client.get, client.post):
            response = send(path, headers={"host": PUBLIC})
            assert response.status_code == 404, path
            assert not response.cookies, path
    assert missing.status_code == 404
    assert client.get(reverse("wagtailadmin_home"), headers={"host": ADMIN}).status_code == 200
    assert client.get(reverse("wagtailadmin_home"), headers={"host": f"{ADMIN}:8443"}).status_code == 200


def test_public_hosts_set_no_session_cookie_and_ignore_one(client):
    make_department("allier", code="03")
    client.force_login(make_user("root", is_superuser=True))
    client.raise_request_exception = False
    for path in url_paths():
        response = client.get(path, headers={"host": PUBLIC})
        assert django_settings.SESSION_COOKIE_NAME not in response.cookies, path
        # The admin is refused before the user is looked up.
        user = getattr(response.wsgi_request, "user", None)
        assert user is None or not user.is_authenticated, path


def test_a_document_of_a_private_collection_is_read_on_the_host_of_the_admin(client):
    department = make_department("allier", code="03")
    document = DocumentFactory(collection=department.collection)
    CollectionViewRestriction.objects.create(
        collection=department.collection, restriction_type=CollectionViewRestriction.PASSWORD, password="secret"
    )
    response = client.get(document.url, headers={"host": PUBLIC})
    assert (response.status_code, response["Location"]) == (302, f"https://{ADMIN}{document.url}")
    assert not response.cookies
    assert client.get(document.url, headers={"host": ADMIN}).status_code == 200

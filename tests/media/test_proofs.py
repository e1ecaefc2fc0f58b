"""Only users who may change a consent can download its proof."""

import pytest
from django.urls import reverse

from tests.factories.departments import make_department
from tests.factories.files import pdf
from tests.factories.media import ConsentFactory
from tests.factories.users import make_user


@pytest.fixture
def consent(db):
    return ConsentFactory()


def test_an_anonymous_reader_is_redirected_to_the_login(client, consent):
    response = client.get(consent.proof.url)
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("wagtailadmin_login"))


def test_an_editor_gets_404(client, consent):
    make_department("allier")
    client.force_login(make_user("redaction", groups=["allier:editor"]))
    assert client.get(consent.proof.url).status_code == 404


def test_an_administrator_downloads_it(client, consent):
    client.force_login(make_user("admin", is_superuser=True))
    response = client.get(consent.proof.url)
    assert b"".join(response.streaming_content) == pdf("Consentement")
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "no-store" in response.headers["Cache-Control"]


def test_an_administrator_can_edit_the_consent(client, consent):
    client.force_login(make_user("admin", is_superuser=True))
    response = client.get(reverse("wagtailsnippets_cms_media_consent:edit", args=[consent.pk]))
    assert response.status_code == 200
    assert consent.proof.url in response.content.decode()

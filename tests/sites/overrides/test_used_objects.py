"""The screens that delete an object in use list the objects that use it."""

import datetime

import pytest
from django.urls import reverse

from cms.media.models import Consent
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, ImageFactory
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent():
    collection = make_department("allier").collection
    consent = ConsentFactory(collection=collection, starts_on=datetime.date(2025, 1, 1))
    ImageFactory(title="Portrait de Camille", collection=collection, consent=consent)
    return consent


def bulk(consent):
    url = reverse("wagtail_bulk_action", args=["cms_media", "consent", "delete"])
    return f"{url}?id={consent.pk}"


def single(consent):
    return reverse("wagtailsnippets_cms_media_consent:delete", args=[consent.pk])


@pytest.mark.parametrize("url", [single, bulk])
@pytest.mark.parametrize("role", ["superuser", "media_manager", "administrator"])
def test_the_message_names_what_uses_the_object(client, consent, url, role):
    is_superuser = role == "superuser"
    groups = [] if is_superuser else [f"allier:{role}"]
    client.force_login(make_user("personne", is_superuser=is_superuser, groups=groups))
    response = client.post(url(consent), follow=True)
    messages = [str(message) for message in response.context["messages"]]
    assert len(messages) == 1
    assert "«\xa0Portrait de Camille\xa0»" in messages[0]
    assert Consent.objects.filter(pk=consent.pk).exists()


def test_an_object_that_the_user_may_not_see_is_counted(client, consent):
    theirs = make_department("isere").collection
    ImageFactory(title="Image d’ailleurs", collection=theirs, consent=consent)
    client.force_login(make_user("personne", groups=["allier:administrator"]))
    response = client.post(single(consent), follow=True)
    [message] = map(str, response.context["messages"])
    assert "«\xa0Portrait de Camille\xa0»" in message
    assert "ailleurs" not in message
    assert " 1 " in message


def test_a_collection_that_was_filled_meanwhile_is_shown_with_its_contents(client, consent):
    client.force_login(make_user("personne", is_superuser=True))
    response = client.post(reverse("wagtailadmin_collections:delete", args=[consent.collection_id]))
    assert response.status_code == 200
    assert "1 image" in response.content.decode()

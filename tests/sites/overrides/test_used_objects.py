"""Whoever deletes an object in use reads what uses it, in each way of deleting."""

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
    address = reverse("wagtail_bulk_action", args=["cms_media", "consent", "delete"])
    return f"{address}?id={consent.pk}"


def single(consent):
    return reverse("wagtailsnippets_cms_media_consent:delete", args=[consent.pk])


@pytest.mark.parametrize("address", [single, bulk])
@pytest.mark.parametrize("role", ["superuser", "media_manager", "administrator"])
def test_the_message_names_what_uses_the_object(client, consent, address, role):
    is_superuser = role == "superuser"
    groups = [] if is_superuser else [f"allier:{role}"]
    client.force_login(make_user("personne", is_superuser=is_superuser, groups=groups))
    response = client.post(address(consent), follow=True)
    messages = [str(message) for message in response.context["messages"]]
    assert len(messages) == 1
    assert "“Portrait de Camille”" in messages[0]
    assert Consent.objects.filter(pk=consent.pk).exists()


def test_an_object_that_the_user_may_not_see_is_counted(client, consent):
    theirs = make_department("isere").collection
    ImageFactory(title="Image d’ailleurs", collection=theirs, consent=consent)
    client.force_login(make_user("personne", groups=["allier:administrator"]))
    response = client.post(single(consent), follow=True)
    [message] = map(str, response.context["messages"])
    assert "“Portrait de Camille”" in message
    assert "ailleurs" not in message
    assert " 1 " in message

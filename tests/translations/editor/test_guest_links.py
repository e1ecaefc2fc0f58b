"""The screen on which a reviewer makes guest links, sends them, sees their uses, and revokes them."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from cms.translations.guests import link_changes
from cms.translations.models import GuestLink
from tests.factories.users import make_user

from .conftest import messages_of

pytestmark = pytest.mark.django_db

FORM = {"guest_name": "Anna Rossi", "guest_email": "", "language": "en", "days": "14"}


@pytest.fixture
def screen(editor):
    return reverse("translation_guests", args=[editor.translation.pk])


@pytest.fixture
def make(client, screen, commits):
    def make(follow=True, **values):
        with commits():
            return client.post(screen, FORM | values, follow=follow)

    return make


def url_in(response):
    return re.search(r'value="([^"]*/translation-review/[^"]+)"', response.content.decode())[1]


@pytest.mark.parametrize("role", ["reviewer:en", "publisher", "administrator"])
def test_who_approves_makes_a_link_that_is_shown_once(editor, client, make, screen, role):
    editor.log_in("someone", role)
    assert screen in editor.open().content.decode()
    response = make()
    assert response.redirect_chain == [(screen, 302)], "a reload of the page would make a second link"
    path = urlsplit(url_in(response)).path
    assert Client().get(path).status_code == 200
    content = client.get(screen).content.decode()
    assert path not in content
    assert "Anna Rossi" in content


@pytest.mark.parametrize("role", ["translator:en", "editor"])
def test_who_does_not_approve_makes_none(editor, client, make, screen, role):
    editor.log_in("someone", role)
    assert screen not in editor.open().content.decode()
    assert client.get(screen).status_code in (302, 403)
    assert make(follow=False).status_code in (302, 403)
    assert not GuestLink.objects.exists()


def test_the_link_is_sent_in_the_language_of_the_screen(editor, make):
    editor.log_in("reviewer", "reviewer:en")
    response = make(guest_email="anna@example.org", language="it")
    (message,) = [each for each in mail.outbox if each.to == ["anna@example.org"]]
    assert url_in(response) in message.body
    assert "Ciao" in message.body or "Buongiorno" in message.body


def test_a_revoked_link_is_not_sent_and_does_not_work(editor, client, make, screen):
    editor.log_in("reviewer", "reviewer:en")
    path = urlsplit(url_in(make())).path
    response = client.post(screen, {"revoke": GuestLink.objects.get().pk}, follow=True)
    assert [level for level, _text in messages_of(response)] == ["success"]
    assert Client().get(path).status_code == 404
    assert client.post(screen, {"revoke": "x"}).status_code == 404


@pytest.mark.parametrize(
    "values", [{"guest_name": ""}, {"days": "91"}, {"days": "0"}, {"language": "xx"}, {"guest_email": "x"}]
)
def test_a_wrong_form_makes_no_link(editor, make, values):
    editor.log_in("reviewer", "reviewer:en")
    assert make(**values).status_code == 200
    assert not GuestLink.objects.exists()


def test_a_translation_has_a_limited_number_of_links(editor, make, monkeypatch):
    monkeypatch.setattr(link_changes, "MAX_OPEN_LINKS", 2)
    editor.log_in("reviewer", "reviewer:en")
    for _number in range(4):
        make()
    assert GuestLink.objects.count() == 2
    GuestLink.objects.first().delete()
    make()
    assert GuestLink.objects.count() == 2


def test_links_are_not_sent_without_limit(editor, make, rate_limits):
    rate_limits["guest_link.recipient"] = "1/day"
    editor.log_in("reviewer", "reviewer:en")
    assert [make(guest_email="anna@example.org").status_code for _number in range(2)] == [200, 429]
    rate_limits["guest_link.account"] = "1/hour"
    assert [make().status_code for _number in range(2)] == [200, 429]


def test_a_department_does_not_send_links_without_limit(editor, make, rate_limits):
    rate_limits["guest_link.department"] = "2/day"
    editor.log_in("editor", "editor")  # Does not review, and uses nothing up.
    assert make(follow=False, guest_email="0@example.org").status_code == 302
    editor.log_in("reviewer", "reviewer:en")
    assert [make(guest_email=f"{number}@example.org").status_code for number in range(3)] == [200, 200, 429]
    editor.log_in("publisher", "publisher")
    assert make(guest_email="other@example.org").status_code == 429
    assert make().status_code == 200


def test_uses_and_dead_links_are_on_the_screen(editor, client, make, screen):
    editor.log_in("publisher", "publisher")
    path = urlsplit(url_in(make())).path
    Client().get(path)
    maker = GuestLink.objects.get().created_by
    make_user("admin", groups=["allier:administrator"])
    editor.log_in("reviewer", "reviewer:en")
    assert 'id="guest-uses"' in client.get(screen).content.decode()
    maker.groups.clear()
    (link,) = client.get(screen).context["links"]
    assert link.is_dead

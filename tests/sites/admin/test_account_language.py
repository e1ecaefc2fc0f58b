"""Answers that Wagtail makes outside of its views, and its e-mails, are in the language of the account."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import translation
from wagtail.users.models import UserProfile

from sites.admin.screens.reports import TranslationsPaginator
from tests.factories.departments import make_department
from tests.factories.pages import home_of
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def department(client):
    department = make_department("allier")
    user = make_user("a", groups=["allier:administrator"])
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": "it"})
    client.force_login(user)
    return department


def test_the_page_not_found_of_the_admin(client, department):
    """A view answers 404, access control does, and no view has the URL."""
    pages = [
        reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"]),
        reverse("wagtailadmin_pages:edit", args=[999999]),
        "/admin/nothing/",
    ]
    for page in pages:
        response = client.get(page)
        assert response.status_code == 404
        assert '<html lang="it"' in response.text
        assert "La pagina richiesta non è stata trovata" in response.text


def test_the_message_of_a_refusal(client, department):
    response = client.get(
        reverse("wagtailadmin_pages:add", args=["pages", "departmenthomepage", home_of(department).pk])
    )
    [message] = get_messages(response.wsgi_request)
    assert str(message).strip() == "Spiacente, non hai i permessi per accedere a questa area."


def test_a_page_that_no_user_has_published(client, department, commits):
    home = home_of(department)
    with commits():
        home.save_revision().publish()
    response = client.get(reverse("wagtailadmin_reports:aging_pages"))
    assert home.title in response.text
    assert re.search(r"\ssistema\s+</td>", response.text)


def test_the_language_of_somebody_who_has_chosen_none(department):
    """Wagtail sends e-mails to approvers in it, during the request of the person who submits."""
    profile = UserProfile.get_for_user(make_user("b", groups=["allier:administrator"]))
    with translation.override("it"):
        assert profile.get_preferred_language() == "fr"
    profile.preferred_language = "fi"
    assert profile.get_preferred_language() == "fi"


def test_words_that_libraries_translate_when_they_are_imported(client, department):
    text = client.get(reverse("wagtailredirects:index")).text
    assert "Temporaneo" in text
    assert "Temporaire" not in text


def test_the_number_of_translations_in_the_report():
    with translation.override("it"):
        assert TranslationsPaginator([], 10).items_count_label == "0 traduzioni"

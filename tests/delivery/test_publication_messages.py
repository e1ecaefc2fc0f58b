"""The editor who publishes pages is told which of them the public site does not show, or that it follows later."""

import pytest
from django.urls import reverse
from wagtail.models import Page

from cms.delivery.models import PublicationState
from cms.pages.models import StandardPage
from cms.pages.serializers import home
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

# The documents are written after the commit, and the messages are stored after that.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

NAMED = "Le site public ne montre pas encore la dernière version de {} : le contenu n’a pas pu être écrit."
LATER = "Le site public suivra dans un instant. Le tableau de bord nomme les pages qui ne peuvent pas y être écrites."


@pytest.fixture
def parent(client, monkeypatch):
    """A home whose publisher is logged in. Documents of pages whose title has “cassée” cannot be written."""
    content = home.standard_content

    def fails(page, context):
        if "cassée" in page.title:
            raise ValueError("no such thing")
        return content(page, context)

    monkeypatch.setattr("cms.pages.serializers.home.standard_content", fails)
    parent = home_of(make_department("allier"))
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    return parent


def make_drafts(parent, *titles):
    return [make_page(StandardPage, parent, title=title, publish=False) for title in titles]


def messages_after(client, url, data):
    response = client.post(url, data, follow=True)
    return [" ".join(str(message).split()) for message in response.context["messages"]]


def publish(client, pages):
    ids = "&".join(f"id={page.pk}" for page in pages)
    url = f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'publish'])}?{ids}&next=/admin/"
    return messages_after(client, url, {})


def test_a_bulk_action_names_the_pages_that_fail(client, parent):
    messages = publish(client, make_drafts(parent, "Page cassée", "Autre page", "Cette page cassée"))
    assert messages[0] == NAMED.format("« Page cassée », « Cette page cassée »")
    assert len(messages) == 2, "the other one is Wagtail's"


def test_a_bulk_action_that_the_background_publishes_says_so_once(client, parent, monkeypatch):
    monkeypatch.setattr("cms.delivery.publisher.MAXIMUM_OWN_PAGES", 1)
    pages = make_drafts(parent, *(f"Page cassée {number}" for number in range(6)))
    monkeypatch.setattr("cms.request_transactions.short_transactions.SECONDS_OF_TRANSACTION", 0.15)
    messages = publish(client, pages)
    assert messages.count(LATER) == 1
    assert PublicationState.objects.exclude(error="").count() == len(pages)


def test_drafts_concern_no_public_site(client, parent, monkeypatch):
    monkeypatch.setattr("cms.delivery.publisher.MAXIMUM_OWN_PAGES", 0)
    draft = make_drafts(parent, "Brouillon")[0]
    copy = {"new_title": "Copie", "new_slug": "copie", "new_parent_page": parent.pk, "copy_subpages": "on"}
    messages = messages_after(client, reverse("wagtailadmin_pages:copy", args=[draft.pk]), copy)
    assert Page.objects.filter(slug="copie", live=False).exists()
    assert LATER not in messages


def test_an_approval_names_the_page_that_it_publishes(client, parent):
    page = make_drafts(parent, "Page cassée")[0]
    page.save_revision()
    state = page.get_workflow().start(page, make_user("editor", groups=["allier:editor"]))
    arguments = [page.pk, "approve", state.current_task_state.pk]
    messages = messages_after(client, reverse("wagtailadmin_pages:workflow_action", args=arguments), {"comment": ""})
    assert NAMED.format("« Page cassée »") in messages

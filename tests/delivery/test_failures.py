"""A page that cannot be published is reported to its editor, on the dashboard and by `check_publication`."""

from contextlib import suppress
from io import StringIO

import pytest
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.urls import reverse
from wagtail.models import Page

from cms.delivery.models import PublicationState, PublishedDocument, RefreshRequest
from cms.delivery.publisher import process_refresh_requests
from cms.pages.models import StandardPage
from sites.people.request_context import handling
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.pages import make_page
from tests.factories.users import make_user
from tests.stored_files import stored_files

pytestmark = pytest.mark.django_db

HOME = reverse("wagtailadmin_home")


@pytest.fixture
def broken(monkeypatch):
    def fails(page, context):
        raise ValueError("no such thing")

    monkeypatch.setattr("cms.pages.serializers.home.standard_content", fails)


def check(*options):
    output = StringIO()
    call_command("check_publication", *options, verbosity=1, stdout=output)
    return output.getvalue()


def test_the_editor_the_dashboard_and_the_command_say_so(department, commits, client, broken, monkeypatch):
    with commits():
        page = make_page(StandardPage, department, publish=False, title="Page cassée")
        page.save_revision()
    client.force_login(make_user("editor", groups=["allier:publisher"]))
    request = client.get(HOME).wsgi_request

    with handling(request), commits():
        page.get_latest_revision().publish()

    assert ["site public" in str(message) for message in get_messages(request)] == [True]
    assert "Page cassée" in client.get(HOME).content.decode()
    with pytest.raises(CommandError, match=f"page {page.pk} fails since .*no such thing"):
        check()

    monkeypatch.undo()
    with pytest.raises(CommandError):
        check()
    check("--fix")
    assert PublishedDocument.objects.get(page_id=page.pk).title == "Page cassée"
    assert not PublicationState.objects.exists()


@pytest.mark.filterwarnings("ignore:Specific versions")
def test_a_page_without_the_row_of_its_type_stays_public_and_is_reported(department, commits, client):
    with commits():
        page = make_page(StandardPage, department, title="Page incomplète")
        hidden = make_page(StandardPage, department, title="Brouillon")
    document = PublishedDocument.objects.filter(page_id=page.pk)
    before = document.values().get()
    Page.objects.filter(pk=hidden.pk).update(live=False)
    for each in (page, hidden):
        rows = StandardPage.objects.filter(pk=each.pk)
        rows._raw_delete(rows.db)
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([page.pk, hidden.pk]))
    process_refresh_requests()
    assert document.values().get() == before
    assert PublishedDocument.objects.get(page_id=hidden.pk).is_withdrawn
    with pytest.raises(CommandError, match=f"page {page.pk} fails since .*row of the page's type is missing"):
        check()
    client.force_login(make_user("editor", groups=["allier:publisher"]))
    assert "Page incomplète" in client.get(HOME).content.decode()


def test_the_dashboard_counts_the_pages_that_wait(department, commits, client):
    with commits():
        page = make_page(StandardPage, department)
    client.force_login(make_user("editor", groups=["allier:publisher"]))
    assert 'id="publication' not in client.get(HOME).content.decode()
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([page.pk]))
    assert "1 page est encore en cours" in client.get(HOME).content.decode()


def test_the_command_finds_and_repairs_changes_without_a_signal(department, commits):
    with commits():
        pages = [make_page(StandardPage, department, title=title) for title in ("Un", "Deux", "Trois")]
    assert "0 documents differ" in check()
    Page.objects.filter(pk=pages[0].pk).update(title="Autre")
    Page.objects.filter(pk=pages[1].pk).update(live=False)
    PublishedDocument.objects.filter(page_id=pages[2].pk).update(page_id=999_999)
    before = list(PublishedDocument.objects.order_by("pk").values())
    with pytest.raises(CommandError, match="3 documents differ"):
        check()
    assert list(PublishedDocument.objects.order_by("pk").values()) == before, "only --fix writes"

    assert "3 documents repaired" in check("--fix")
    assert PublishedDocument.objects.get(page_id=pages[0].pk).title == "Autre"
    assert PublishedDocument.objects.get(page_id=pages[1].pk).is_withdrawn
    assert not PublishedDocument.objects.get(content_id=pages[2].translation_key).is_withdrawn
    assert "0 documents differ" in check()


def test_who_may_publish_a_page_tries_it_again(department, commits, client, broken, monkeypatch):
    with commits():
        page = make_page(StandardPage, department, title="Page cassée")
    url = reverse("publication_retry", args=[page.pk])
    make_department("isere")
    for group, status in (("isere:administrator", 404), ("allier:editor", 403)):
        client.force_login(make_user(group.replace(":", "-"), groups=[group]))
        assert client.post(url).status_code == status
        assert f'action="{url}"' not in client.get(HOME).content.decode()

    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    assert f'action="{url}"' in client.get(HOME).content.decode()
    assert client.get(url).status_code == 405
    attempts = PublicationState.objects.get().attempts
    assert ["error" in message.tags for message in client.post(url, follow=True).context["messages"]] == [True]
    assert PublicationState.objects.get().attempts == attempts + 1

    monkeypatch.undo()
    with commits():
        assert ["success" in message.tags for message in client.post(url, follow=True).context["messages"]] == [True]
    assert PublishedDocument.objects.get(page_id=page.pk).title == "Page cassée"
    assert not PublicationState.objects.exists()
    assert not RefreshRequest.objects.exists()


def test_reading_commands_write_no_file(department, commits):
    """A document is composed for the comparison; a rendition that is missing is not made for it."""
    with commits():
        image = ImageFactory(collection=department.collection)
        make_page(StandardPage, department, body=[("image", {"image": image})])
    for rendition in image.renditions.all():
        rendition.file.storage.delete(rendition.file.name)
    image.renditions.all()._raw_delete(image.renditions.db)
    caches["default"].clear()
    before = stored_files()
    for command in ("check_publication", "status", "search_status", "check_departments", "outgoing_mail"):
        with suppress(CommandError, SystemExit):
            call_command(command, stdout=StringIO())
    assert stored_files() == before
    assert not image.renditions.exists()

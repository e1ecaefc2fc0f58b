"""Refreshes that run while another process commits a transaction (READ COMMITTED, PostgreSQL only)."""

import threading

import pytest
from django.db import connection, transaction
from wagtail.models import Page, PageViewRestriction

from cms.delivery import publisher
from cms.delivery.models import PublishedDocument, RefreshRequest
from cms.pages.models import EventPage, StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import OrganisationFactory, home_of, make_page

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def in_thread():
    """Start functions in threads with their own connections. At the end all of them must have succeeded."""
    threads: list[threading.Thread] = []
    errors: list[BaseException] = []

    def start(function):
        def run():
            try:
                function()
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []


def move(page, target, pos):
    with transaction.atomic():
        Page.objects.get(pk=page.pk).specific.move(Page.objects.get(pk=target.pk), pos=pos)


def test_a_reorder_during_a_refresh_does_not_publish_a_private_page(in_thread, monkeypatch):
    home = home_of(make_department("allier"))
    private, other = (make_page(StandardPage, home, slug=slug) for slug in ("prive", "autre"))
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    child = make_page(StandardPage, private, slug="enfant")
    moved = threading.Event()

    class SlowBatch(publisher.PageBatch):
        def __init__(self, pages):
            if not moved.is_set():
                moved.set()
                thread = in_thread(lambda: move(private, other, "right"))
                thread.join(timeout=1)  # It commits now; its own refresh waits for the lock of the feed.
            super().__init__(pages)

    monkeypatch.setattr(publisher, "PageBatch", SlowBatch)
    child = StandardPage.objects.get(pk=child.pk)
    child.save_revision().publish()
    publisher.process_refresh_requests()

    assert moved.is_set()
    assert not PublishedDocument.objects.public().filter(page_id=child.pk).exists()


def test_a_reorder_and_a_refresh_do_not_block_each_other(in_thread, monkeypatch):
    department = make_department("allier")
    organisation = OrganisationFactory()
    organisers = [("organiser", {"organisation": organisation, "contacts": []})]
    first, second = (make_page(EventPage, department, slug=slug, organisers=organisers) for slug in ("un", "deux"))
    first = EventPage.objects.get(pk=first.pk)
    first.save_revision().publish()  # The row of its document now follows that of the second page.
    write, has_written = publisher.DocumentWriter._write, threading.Event()

    def slow_write(self, *arguments):
        write(self, *arguments)
        has_written.set()
        threading.Event().wait(0.5)

    def rename():
        organisation.name = "Autre nom"
        organisation.save()

    monkeypatch.setattr(publisher.DocumentWriter, "_write", slow_write)
    threads = [in_thread(rename)]
    assert has_written.wait(timeout=10)
    threads.append(in_thread(lambda: move(second, first, "left")))
    for thread in threads:
        thread.join(timeout=30)

    publisher.process_refresh_requests()
    assert not RefreshRequest.objects.exists()
    documents = PublishedDocument.objects.filter(type="event").order_by("tree_path")
    assert [document.page_id for document in documents] == [second.pk, first.pk]
    names = {document.data["content"]["organisers"][0]["organisation"]["name"] for document in documents}
    assert names == {"Autre nom"}

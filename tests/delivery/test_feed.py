"""The change feed is complete and consistent, and failed refresh requests are kept with their error."""

import json
import threading
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from cms.delivery import change_feed, publisher
from cms.delivery.models import FeedCounter, PublicationState, PublishedDocument, RefreshRequest
from cms.pages.models import EventPage, StandardPage
from tests.commits import drop_commit_callbacks
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page


def test_a_consumer_reads_the_feed_in_pages_from_a_cursor(department, commits):
    with commits():
        pages = [make_page(StandardPage, department) for _ in range(5)]
    everything = change_feed.changes()

    seen, cursor = [], 0
    while rows := change_feed.changes(after=cursor, limit=2):
        seen += rows
        cursor = rows[-1].sequence

    assert [row.pk for row in seen] == [row.pk for row in everything]
    assert {page.pk for page in pages} <= {row.page_id for row in seen}


@pytest.mark.django_db(transaction=True)
def test_the_counter_is_locked_inside_a_transaction_only():
    with pytest.raises(transaction.TransactionManagementError):
        FeedCounter.locked()


def test_a_request_is_rolled_back_with_its_change(department, commits):
    with commits():
        page = make_page(StandardPage, department)
    with commits(), transaction.atomic():
        page.unpublish()
        assert RefreshRequest.objects.filter(object_id=page.pk).exists()
        transaction.set_rollback(True)
    assert not RefreshRequest.objects.exists()


def test_requests_that_a_crash_left_are_processed_by_the_next_run(department, commits):
    with commits():
        page = make_page(StandardPage, department, title="Avant")
    page.title = "Après"
    page.save_revision().publish()  # The process dies after this commit.
    drop_commit_callbacks()
    assert PublishedDocument.objects.get(page_id=page.pk).title == "Avant"

    with commits():
        make_page(StandardPage, department)

    assert PublishedDocument.objects.get(page_id=page.pk).title == "Après"


def test_a_page_that_cannot_be_serialised_is_tried_again_and_does_not_stop_others(
    department, commits, monkeypatch, time_machine
):
    def fails(page, context):
        raise ValueError("no such thing")

    monkeypatch.setattr("cms.pages.serializers.event.event_content", fails)
    with commits():
        broken = make_page(EventPage, department)
        healthy = make_page(StandardPage, department)
    state = PublicationState.objects.get(page_id=broken.pk)
    assert "no such thing" in state.error
    assert PublishedDocument.objects.filter(page_id=healthy.pk).exists()
    assert not PublishedDocument.objects.filter(page_id=broken.pk).exists()
    with pytest.raises(CommandError, match=f"page {broken.pk}: ValueError: no such thing"):
        call_command("rebuild_documents", verbosity=0, stdout=StringIO())

    start = state.failed_at
    for _ in range(10):
        state = PublicationState.objects.get(page_id=broken.pk)
        time_machine.move_to(state.next_change_at, tick=False)
        with pytest.raises(CommandError, match="no such thing"):
            call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
        assert PublicationState.objects.get(page_id=broken.pk).attempts == state.attempts + 1
    state.refresh_from_db()
    assert state.next_change_at - timezone.now() == publisher.LAST_RETRY, "at last every hour"
    assert state.failed_at == start

    monkeypatch.undo()
    time_machine.move_to(state.next_change_at, tick=False)
    call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
    assert PublishedDocument.objects.filter(page_id=broken.pk).exists()
    assert not PublicationState.objects.exists()
    assert not RefreshRequest.objects.exists()


def test_a_changed_card_format_is_written_once(department, commits, monkeypatch):
    with commits():
        make_page(StandardPage, department)
    monkeypatch.setattr("cms.delivery.documents.document_data.CARD_KEYS", ("id", "locale", "title", "path", "url"))

    call_command("rebuild_documents", verbosity=0, stdout=StringIO())

    assert not RefreshRequest.objects.exists()
    assert all("summary" not in json.loads(card) for card in PublishedDocument.objects.values_list("card", flat=True))


class TestRebuild:
    def rebuild(self):
        output = StringIO()
        call_command("rebuild_documents", verbosity=0, stdout=output)
        return output.getvalue()

    def test_an_unchanged_document_keeps_its_etag_and_sequence_number(self, department, commits):
        with commits():
            for _ in range(3):
                make_page(EventPage, department)
        before = list(PublishedDocument.objects.order_by("pk").values())

        assert "0 changes, 0 errors" in self.rebuild()

        assert list(PublishedDocument.objects.order_by("pk").values()) == before

    def test_all_documents_are_rebuilt_from_the_pages(self, department, commits):
        with commits():
            event = make_page(EventPage, department)
            make_page(StandardPage, department, body=[("related", [event])])
        bodies = PublishedDocument.objects.order_by("content_id", "locale").values_list("body", flat=True)
        before = list(bodies)
        PublishedDocument.objects.all().delete()

        self.rebuild()

        assert list(bodies.all()) == before

    def test_documents_of_deleted_pages_are_withdrawn(self, department, commits):
        with commits():
            page = make_page(StandardPage, department)
        PublishedDocument.objects.filter(page_id=page.pk).update(page_id=999_999)

        self.rebuild()

        gone = PublishedDocument.objects.get(content_id=page.translation_key)
        assert not gone.is_withdrawn
        assert gone.page_id == page.pk, "the document belongs to its page again"
        page.delete()
        drop_commit_callbacks()
        RefreshRequest.objects.all().delete()
        self.rebuild()
        gone.refresh_from_db()
        assert gone.is_withdrawn

    def test_the_number_of_queries_per_page_is_limited(self, department, commits, django_assert_max_num_queries):
        with commits():
            for _ in range(10):
                make_page(EventPage, department)
        with django_assert_max_num_queries(80) as few:
            self.rebuild()
        with commits():
            for _ in range(40):
                make_page(EventPage, department)
        with django_assert_max_num_queries(80 + 40 * 3) as many:
            self.rebuild()
        assert (len(many) - len(few)) / 40 <= 3


@pytest.mark.django_db(transaction=True)
def test_a_consumer_misses_no_change_of_concurrent_publishers():
    """Three threads publish and withdraw while a consumer polls. At the end its copy equals the database."""
    department = make_department("allier")
    home = home_of(department)
    pages = [make_page(StandardPage, home, slug=f"page-{number}") for number in range(6)]
    errors: list[BaseException] = []
    finished = threading.Event()
    copy: dict[int, tuple[int, str]] = {}
    order: list[int] = []

    def publish(page_ids):
        try:
            for step in range(8):
                for pk in page_ids:
                    page = StandardPage.objects.get(pk=pk)
                    if step % 4 == 3:
                        page.unpublish()
                    else:
                        page.title = f"Titre {step}"
                        page.save_revision().publish()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    def consume():
        cursor = 0
        try:
            while True:
                was_finished = finished.is_set()
                rows = change_feed.changes(after=cursor, limit=7)
                for row in rows:
                    copy[row.pk] = (row.sequence, row.body)
                    order.append(row.sequence)
                    cursor = row.sequence
                if was_finished and not rows:
                    return
                time.sleep(0.001)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    consumer = threading.Thread(target=consume)
    publishers = [threading.Thread(target=publish, args=([page.pk for page in pages[n::3]],)) for n in range(3)]
    consumer.start()
    for thread in publishers:
        thread.start()
    for thread in publishers:
        thread.join()
    finished.set()
    consumer.join()

    assert errors == []
    assert not RefreshRequest.objects.exists()
    assert order == sorted(order)
    assert copy == {row.pk: (row.sequence, row.body) for row in PublishedDocument.objects.all()}

"""The transaction of a request: none for reading, repeated after a collision, never repeated after its commit."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import psycopg
import pytest
from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished, request_started
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django_tasks import task
from wagtail.models import Page

from cms.database_time_limits import is_collision
from cms.pages.models import StandardPage
from cms.request_transactions.overrides.request_state import RequestState
from cms.request_transactions.repetition import repeat_on_collision
from sites.models import Department
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user
from tests.isolation.test_own_work import form_of_page
from tests.locked_rows import locked_row


def deadlock():
    """Return the error of a deadlock, as Django raises it."""
    error = OperationalError("deadlock detected")
    error.__cause__ = psycopg.errors.DeadlockDetected("deadlock detected")
    return error


def answer(view, method="POST"):
    """Return the response of a view in the transaction of a request."""
    return BaseHandler().make_view_atomic(view)(RequestFactory().generic(method, "/"))


@pytest.fixture
def department(transactional_db):
    return make_department("allier")


@pytest.fixture
def publisher(department):
    client = Client(raise_request_exception=False)
    client.force_login(make_user("publication", groups=["allier:publisher"]))
    return client


@pytest.fixture
def as_request():
    """Run functions in threads whose connections have the time limits of requests; they end before the database."""
    executor = ThreadPoolExecutor(8)

    def run(work, *arguments):
        request_started.send(sender=None, environ={})
        try:
            return work(*arguments)
        finally:
            request_finished.send(sender=None)
            connection.close()

    yield lambda *arguments: executor.submit(run, *arguments)
    executor.shutdown()


@pytest.mark.django_db(transaction=True)
def test_reading_waits_for_no_writer(settings, department, publisher, as_request):
    settings.DATABASE_LOCK_SECONDS = 1
    page = make_page(StandardPage, home_of(department))
    with locked_row(page):
        start = time.monotonic()
        for url in (reverse("wagtailadmin_home"), reverse("wagtailadmin_pages:edit", args=[page.pk])):
            assert as_request(publisher.get, url).result().status_code == 200
        assert time.monotonic() - start < 10


@pytest.mark.django_db(transaction=True)
def test_a_change_is_repeated_until_the_other_writer_is_ready(settings, department, publisher, as_request):
    settings.DATABASE_LOCK_SECONDS = 1
    page = make_page(StandardPage, home_of(department), slug="a")
    revisions = page.revisions.count()
    form = form_of_page(title="Autre", slug="a", **{"action-publish": "x"})
    with locked_row(page):
        published = as_request(publisher.post, reverse("wagtailadmin_pages:edit", args=[page.pk]), form)
        time.sleep(1.7)
        assert not published.done()
    assert published.result().status_code == 302
    assert Page.objects.get(pk=page.pk).title == "Autre"
    assert page.revisions.count() == revisions + 1
    shown = publisher.get(published.result()["Location"])
    assert len(shown.context["messages"]) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_requests_that_block_each_other_both_succeed(as_request):
    first, second = make_department("allier"), make_department("isere")
    both_hold_one = Barrier(2)

    def rename(order):
        def view(request):
            for place, key in enumerate(order):
                department = Department.objects.select_for_update().get(pk=key)
                Department.objects.filter(pk=key).update(contact_phone=department.contact_phone + "1")
                if not place:
                    with suppress(BrokenBarrierError):
                        both_hold_one.wait(5)
                    both_hold_one.abort()
            return HttpResponse()

        return answer(view)

    keys = [first.pk, second.pk]
    answers = [as_request(rename, order) for order in (keys, keys[::-1])]
    assert [each.result().status_code for each in answers] == [200, 200]
    assert set(Department.objects.values_list("contact_phone", flat=True)) == {"11"}


class TestAView:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_is_called_again_after_a_collision(self):
        calls = []

        def view(request):
            calls.append(connection.in_atomic_block)
            if len(calls) < 3:
                raise deadlock()
            return HttpResponse()

        assert answer(view).status_code == 200
        assert calls == [True] * 3

    def test_is_called_a_bounded_number_of_times(self):
        calls = []

        def view(request):
            calls.append(1)
            raise deadlock()

        with pytest.raises(OperationalError):
            answer(view)
        assert len(calls) == 5

    @pytest.mark.parametrize("error", [ValueError("x"), IntegrityError("x"), OperationalError("statement timeout")])
    def test_is_called_once_if_another_error_ends_it(self, error):
        calls = []

        def view(request):
            calls.append(1)
            raise error

        with pytest.raises(type(error)):
            answer(view)
        assert calls == [1]

    def test_keeps_its_answer_if_the_database_is_busy_after_its_commit(self, caplog):
        calls = []

        def busy():
            raise deadlock()

        def view(request):
            calls.append(1)
            transaction.on_commit(busy)
            return HttpResponse("stored")

        assert answer(view).content == b"stored"
        assert calls == [1]
        assert "left to the background" in caplog.text

    def test_runs_without_a_transaction_to_answer_a_reader(self):
        is_atomic = []
        answer(lambda request: is_atomic.append(connection.in_atomic_block) or HttpResponse(), "GET")
        assert is_atomic == [False]

    def test_inside_a_transaction_is_called_once(self):
        calls = []

        def view():
            calls.append(1)
            raise deadlock()

        with pytest.raises(OperationalError), transaction.atomic():
            repeat_on_collision(view)
        assert calls == [1]


class TestTheStateOfARequest:
    def request(self, **files):
        request = RequestFactory().post("/", {"title": "x", **files})
        SessionMiddleware(lambda request: HttpResponse()).process_request(request)
        MessageMiddleware(lambda request: HttpResponse()).process_request(request)
        request.session["kept"] = [1]
        messages.info(request, "before")
        return request

    def test_loses_what_a_view_has_changed(self):
        request = self.request()
        state = RequestState(request)
        for _attempt in range(2):
            messages.success(request, "published")
            request.session["kept"].append(2)
            request.session["new"] = 1
            request.is_draft_saved = True
            request.META["CSRF_COOKIE"] = "other"
            assert request.POST["title"] == "x"
            assert state.restore()
            assert dict(request.session.items()) == {"kept": [1]}
            assert [str(message) for message in request._messages._queued_messages] == ["before"]
            assert not hasattr(request, "is_draft_saved")
            assert "CSRF_COOKIE" not in request.META
        assert request.POST["title"] == "x"

    def test_has_uploaded_files_from_their_beginning(self):
        request = self.request(file=SimpleUploadedFile("a.txt", b"content"))
        state = RequestState(request)
        for _attempt in range(2):
            assert request.FILES["file"].read() == b"content"
            assert state.restore()

    def test_cannot_be_restored_after_a_large_upload_was_moved_to_its_place(self, settings):
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
        request = self.request(file=SimpleUploadedFile("a.txt", b"content"))
        state = RequestState(request)
        upload = request.FILES["file"]
        assert isinstance(upload, TemporaryUploadedFile)
        path = Path(upload.temporary_file_path())
        moved = path.rename(path.with_suffix(".moved"))
        try:
            assert not state.restore()
        finally:
            moved.rename(path)
            upload.close()

    def test_cannot_be_restored_after_the_body_was_read_as_a_stream(self):
        request = RequestFactory().post("/", b"{}", content_type="application/json")
        state = RequestState(request)
        request.read()
        assert not state.restore()


@task()
def collide():
    raise deadlock()


@pytest.mark.django_db(transaction=True)
def test_a_collision_of_a_task_ends_the_transaction_around_it(settings):
    settings.TASKS = {"default": {"BACKEND": "cms.background.RequestBackend", "QUEUES": ["default"]}}
    with pytest.raises(OperationalError), transaction.atomic():
        collide.enqueue()
    assert collide.enqueue().errors[0].exception_class is OperationalError, "outside a transaction it is logged"


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (psycopg.errors.SerializationFailure(), True),
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.errors.QueryCanceled(), False),
        (psycopg.errors.UniqueViolation(), False),
        (None, False),
    ],
)
def test_errors_that_are_a_collision(cause, expected):
    error = OperationalError("x")
    error.__cause__ = cause
    assert is_collision(error) is expected

"""Time limits of the database for web requests, and the answer of a request that exceeds one."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.test import Client, RequestFactory

from cms.database_time_limits import error_response, is_database_busy
from sites.models import Department
from tests.factories.departments import make_department
from tests.factories.users import make_user
from tests.isolation.people import keys, url_of
from tests.locked_rows import locked_row

WEB_THREADS = 4


def in_thread(work, *, is_request):
    """Run a function in a thread with a connection of its own; return its result."""

    def run():
        if is_request:
            request_started.send(sender=None, environ={})
        try:
            return work()
        finally:
            request_finished.send(sender=None)
            connection.close()

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(run).result()


def shown(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}" if connection.vendor == "postgresql" else f"PRAGMA {name}")
        return cursor.fetchone()[0]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_only_connections_of_requests_have_limits(settings):
    settings.DATABASE_STATEMENT_SECONDS, settings.DATABASE_LOCK_SECONDS, settings.DATABASE_IDLE_SECONDS = 20, 3, 30
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    assert in_thread(lambda: [shown(name) for name in names], is_request=True) == ["20s", "3s", "30s"]
    assert in_thread(lambda: [shown(name) for name in names], is_request=False) == ["0", "0", "0"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_request", [True, False])
def test_no_connection_compiles_statements(is_request):
    assert in_thread(lambda: shown("jit"), is_request=is_request) == "off"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_slow_statement_and_an_idle_transaction_end(settings):
    settings.DATABASE_STATEMENT_SECONDS = settings.DATABASE_IDLE_SECONDS = 1

    def slow():
        with connection.cursor() as cursor, pytest.raises(OperationalError) as error:
            cursor.execute("SELECT pg_sleep(10)")
        return error.value

    @transaction.atomic
    def read_twice():
        Department.objects.count()
        time.sleep(2)
        Department.objects.count()

    def idle():
        with pytest.raises(DatabaseError) as error:
            read_twice()
        return error.value

    assert is_database_busy(in_thread(slow, is_request=True))
    assert is_database_busy(in_thread(idle, is_request=True))


def test_a_connection_is_given_up():
    if "postgresql" in django_settings.DATABASES["default"]["ENGINE"]:
        assert django_settings.DATABASES["default"]["OPTIONS"]["connect_timeout"] == 5


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_sqlite_waits_for_a_lock_as_long_as_requests_may(settings):
    settings.DATABASE_LOCK_SECONDS = 2

    assert in_thread(lambda: shown("busy_timeout"), is_request=True) == 2000
    assert in_thread(lambda: shown("busy_timeout"), is_request=False) == 3_600_000


@pytest.mark.django_db(transaction=True)
def test_a_locked_row_does_not_hold_every_url(settings, commits):
    """Four threads, as of a web server, get four requests that wait for the lock, and then a visitor of a page."""
    settings.DATABASE_LOCK_SECONDS = 1
    department = make_department("allier")
    user = make_user("chef", groups=["allier:administrator"])
    data = {"email": "a@example.org", "groups": keys("allier:editor")}

    def client():
        browser = Client(raise_request_exception=False)
        browser.force_login(user)
        return browser

    clients = [client() for _thread in range(WEB_THREADS)]

    def invite(browser):
        try:
            return browser.post(url_of("invite"), data, headers={"accept": "text/html"})
        finally:
            connection.close()

    def visit():
        try:
            # Django's client also notices the exceptions of requests in other threads.
            return Client(raise_request_exception=False).get("/api/v1/departments/").status_code
        finally:
            connection.close()

    with locked_row(department), ThreadPoolExecutor(WEB_THREADS) as threads:
        start = time.monotonic()
        waiting = [threads.submit(invite, browser) for browser in clients]
        assert threads.submit(visit).result() == 200
        answers = [future.result() for future in waiting]
        # On SQLite the session, the view and its transaction may each wait once.
        assert time.monotonic() - start < 15

    assert [answer.status_code for answer in answers] == [503] * WEB_THREADS
    assert {answer["Retry-After"] for answer in answers} == {"5"}
    assert client().post(url_of("invite"), data).status_code == 302


@pytest.mark.parametrize(
    ("error", "cause", "is_busy"),
    [
        pytest.param(OperationalError("canceling statement due to lock timeout"), None, True, id="PostgreSQL"),
        pytest.param(InterfaceError("the connection is closed"), None, True, id="closed connection"),
        pytest.param(
            OperationalError("database is locked"), sqlite3.OperationalError("database is locked"), True, id="SQLite"
        ),
        pytest.param(
            OperationalError("no such table: x"), sqlite3.OperationalError("no such table: x"), False, id="schema"
        ),
        pytest.param(DatabaseError("damaged"), None, False, id="other database error"),
        pytest.param(ValueError("x"), None, False, id="other error"),
        pytest.param(None, None, False, id="none"),
    ],
)
def test_errors_of_a_busy_database(error, cause, is_busy):
    if cause is not None:
        error.__cause__ = cause
    assert is_database_busy(error) is is_busy


@pytest.mark.parametrize(("error", "status"), [(OperationalError("timeout"), 503), (ValueError("x"), 500)])
def test_the_answer_to_an_error(error, status):
    request = RequestFactory().get("/", headers={"accept": "text/html", "accept-language": "it"})
    try:
        raise error
    except type(error):
        response = error_response(request)
    assert response.status_code == status
    if status == 503:
        assert (response["Retry-After"], '<html lang="it"' in response.content.decode()) == ("5", True)


@pytest.mark.django_db
def test_the_api_answers_with_a_problem_document(monkeypatch):
    def fail(*arguments, **keywords):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr("cms.api.department_views.DepartmentListView.get", fail)
    answer = Client(raise_request_exception=False).get("/api/v1/departments/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["type"] == "/problems/database-busy"

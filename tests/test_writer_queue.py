"""Writers of SQLite wait in turn."""

import os
import threading
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import OperationalError, connection, transaction

from cms.database_time_limits import is_collision
from cms.sqlite.writer_queue import WriterQueue
from tests.child_processes import start_child
from tests.factories.users import make_user

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


def in_request(work):
    """Return a thread that runs a function with the time limits of a request."""

    def run():
        request_started.send(sender=None, environ={})
        try:
            work()
        finally:
            request_finished.send(sender=None)
            connection.close()

    return threading.Thread(target=run)


def test_transactions_begin_in_the_order_in_which_they_came():
    """With SQLite's own waiting the order is that in which the connections happen to look."""
    began = []

    def write(number):
        with transaction.atomic():
            began.append(number)
            time.sleep(0.15)

    threads = [in_request(lambda number=number: write(number)) for number in range(8)]
    for thread in threads:
        thread.start()
        time.sleep(0.03)
    for thread in threads:
        thread.join()
    assert began == list(range(8))


def test_a_request_gives_up_with_the_error_of_a_locked_database(settings):
    settings.DATABASE_LOCK_SECONDS = 0.1
    errors = []

    def write():
        try:
            with transaction.atomic():
                pass
        except OperationalError as error:
            errors.append(error)

    with transaction.atomic():
        thread = in_request(write)
        thread.start()
        thread.join()
    assert [is_collision(error) for error in errors] == [True]
    write()
    assert len(errors) == 1, "the next transaction finds the queue empty"


def test_a_process_with_many_writers_leaves_turns_to_others():
    """Without turns it takes the lock again within a millisecond, while another process looks ten times a second."""
    with NamedTemporaryFile() as stop:

        def write_again_and_again():
            end = time.monotonic() + 30
            while Path(stop.name).exists() and time.monotonic() < end:
                with transaction.atomic():
                    time.sleep(0.05)
            connection.close()

        def keep_writing():
            threads = [threading.Thread(target=write_again_and_again) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        child = start_child(keep_writing)
        time.sleep(1)
        waits = []
        for _ in range(5):
            begun = time.monotonic()
            with transaction.atomic():
                waits.append(time.monotonic() - begun)
    assert os.waitpid(child, 0)[1] == 0
    assert max(waits) < 2


@pytest.mark.parametrize("end", ["commit", "error", "close"])
def test_a_transaction_leaves_the_queue_however_it_ends(end):
    try:
        with transaction.atomic():
            make_user()
            if end == "error":
                raise ValueError(end)
            if end == "close":
                connection.close()
    except Exception:
        assert end != "commit"
    thread = in_request(lambda: make_user("other"))
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_a_forked_process_waits_for_no_thread_of_its_parent():
    is_writing, may_end = threading.Event(), threading.Event()

    def hold_ticket():
        ticket = queue.enter(1)
        is_writing.set()
        may_end.wait(30)
        ticket.leave()

    from cms.sqlite.writer_queue import queue_of

    queue = queue_of(connection.settings_dict["NAME"])
    thread = threading.Thread(target=hold_ticket)
    thread.start()
    assert is_writing.wait(10)
    try:
        child = start_child(lambda: make_user("child"))
        assert os.waitpid(child, 0)[1] == 0
    finally:
        may_end.set()
        thread.join()


def test_a_ticket_that_was_given_up_holds_nobody():
    queue = WriterQueue()
    first = queue.enter(0)
    assert queue.enter(0) is None
    first.leave()
    assert queue.enter(0) is not None


def test_the_settings_name_the_backend():
    assert django_settings.DATABASES["default"]["ENGINE"] == "cms.sqlite"

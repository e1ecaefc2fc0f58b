"""The background thread of a process, and the task backend that uses it."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus

from cms.background import ThreadBackend
from search.models import IndexCursor

SCRIPT = """
import time
from concurrent.futures import thread
from cms.background import background

def work_during_shutdown():
    while not thread._shutdown:
        time.sleep(0.01)
    background.queue(("in turn", ""), lambda: print("in turn"))
    print("done")

background.queue(("first", ""), work_during_shutdown)
"""


COMMAND = """
import sys, time
import manage
from django.core import management

def run(arguments):
    from cms.background import background

    def find():
        time.sleep(0.5)
        background.queue(("repair", ""), lambda: print("repaired"))
        print("found")

    background.queue(("find", ""), find)
    sys.exit(1)

management.execute_from_command_line = run
manage.main()
"""


def test_a_command_does_the_work_that_its_last_task_finds():
    process = subprocess.run([sys.executable, "-c", COMMAND], capture_output=True, text=True, timeout=60)
    assert (process.returncode, process.stdout, process.stderr) == (1, "found\nrepaired\n", "")


def test_a_process_that_ends_finishes_queued_work_and_drops_later_work_silently():
    process = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=30)
    assert (process.returncode, process.stdout, process.stderr) == (0, "done\n", "")


runs: list[int] = []


@task(backend="background")
def record(number: int) -> None:
    runs.append(number)


@pytest.fixture
def backend(background):
    runs.clear()
    return ThreadBackend("background", {})


def test_a_task_runs_in_the_background_thread(backend, background):
    result = backend.enqueue(record, (1,), {})
    background.finish()
    assert (result.status, runs) == (TaskResultStatus.READY, [1])


def test_a_task_runs_after_its_time(backend):
    backend.enqueue(record.using(run_after=timezone.now() + timedelta(hours=1)), (1,), {})
    backend.enqueue(record.using(run_after=timezone.now() - timedelta(hours=1)), (2,), {})
    while not runs:
        time.sleep(0.01)
    assert runs == [2]


def test_held_work_runs_after_the_command_that_holds_it_each_once(backend, background):
    with background.held():
        for number in (1, 2, 1):
            backend.enqueue(record, (number,), {})
        time.sleep(0.1)
        assert runs == []
    background.finish()
    assert runs == [1, 2]


@task(backend="background")
def add_cursor() -> None:
    IndexCursor.objects.create(index="written in the background")


@pytest.mark.django_db(transaction=True)
def test_a_task_waits_for_the_transaction_of_a_command(background, monkeypatch, caplog):
    """A busy machine: the transaction takes longer than SQLite's time limit of a connection."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)
    with transaction.atomic():
        IndexCursor.objects.create(index="written by the command")
        ThreadBackend("background", {}).enqueue(add_cursor, (), {})
        time.sleep(1)
    background.finish()
    assert IndexCursor.objects.filter(index__startswith="written").count() == 2
    assert not [record for record in caplog.records if record.levelname == "ERROR"]

"""The background thread of a process, and the task backend that uses it."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus

from cms.background import ThreadBackend

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

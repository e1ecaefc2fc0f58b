"""Command `db_worker`: the worker of django-tasks-db, which continues after an outage of the database.

The original ends when PostgreSQL restarts, and leaves the task that it ran as running for ever. Told to end while it
commits, it ends with an error of the database.
"""

from __future__ import annotations

import logging
import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django_tasks_db.compat import task_started
from django_tasks_db.management.commands import db_worker

from cms.locks import ProcessLock
from cms.management.task_recovery import reclaim_abandoned_tasks, worker_lock

logger = logging.getLogger(__name__)

# Seconds before the first, second, … attempt to go on; the last one is repeated.
PAUSES = (1, 2, 5, 10)
LONGEST_ID = 64


class Command(db_worker.Command):
    help = "Run a background worker for tasks: by default for publication and the search index, in this order."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(queue_name="default,index")

    def handle(self, *, batch: bool, worker_id: str, **options: Any) -> None:
        attempt, number = 0, 0
        while True:
            lock, started = worker_lock(_numbered(worker_id, number)), time.monotonic()
            # A task whose worker holds no lock counts as abandoned.
            renew = partial(_renew, lock)
            try:
                lock.acquire()
                task_started.connect(renew, weak=False)
                reclaim_abandoned_tasks()
                super().handle(batch=batch, worker_id=_numbered(worker_id, number), **options)
            except (InterfaceError, DatabaseError) as error:
                if (ended := _told_to_end(error)) is not None:
                    raise ended from None
                if batch or not isinstance(error, InterfaceError | OperationalError):
                    raise
                if time.monotonic() - started > PAUSES[-1]:
                    attempt = 0
                pause = PAUSES[min(attempt, len(PAUSES) - 1)]
                logger.warning("The database does not answer; the worker tries again in %d s: %s", pause, error)
                connections.close_all()
                time.sleep(pause)
                # With a new name, since the task that this worker ran belongs to a worker that has ended.
                attempt, number = attempt + 1, number + 1
            else:
                return
            finally:
                task_started.disconnect(renew)
                lock.release()


def _renew(lock: ProcessLock, **kwargs: Any) -> None:
    lock.renew()


def _told_to_end(error: BaseException | None) -> SystemExit | None:
    """Return the SystemExit of the signal during which an error happened; None if there was no signal.

    The handler of the signal raises it in the middle of a statement. Django then fails to close the transaction.
    """
    while error is not None and not isinstance(error, SystemExit):
        error = error.__context__
    return error


def _numbered(worker_id: str, number: int) -> str:
    """Return the name of the worker after a number of outages."""
    suffix = f"-{number}" if number else ""
    return worker_id[: LONGEST_ID - len(suffix)] + suffix

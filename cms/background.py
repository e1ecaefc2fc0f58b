"""Task backends without a worker: in the request, and in a thread for work that no request should wait for.

`enqueue_once` enqueues a task on any backend.
"""

from __future__ import annotations

import datetime
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial, wraps
from typing import Any

from django.db import DatabaseError, connection, connections
from django.utils import timezone
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.utils import get_random_id
from django_tasks_db import DatabaseBackend

from .database_time_limits import is_collision

logger = logging.getLogger(__name__)


def enqueue_once(work: Task, backend: str, run_after: datetime.datetime | None = None) -> None:
    """Enqueue a task without arguments, unless it waits in the database queue to run at that time or before.

    A thread drops work that is queued twice by itself, but not deferred work.
    """
    from django_tasks_db.models import DBTaskResult  # Django creates backends before the models are loaded.

    bound = work.using(backend=backend, run_after=run_after)
    if isinstance(bound.get_backend(), DatabaseBackend):
        waiting = DBTaskResult.objects.filter(task_path=work.module_path, backend_name=backend)
        due = waiting.ready()
        if run_after is not None:
            due |= waiting.filter(status=TaskResultStatus.READY, run_after__lte=run_after)
        if due.exists():
            return
    bound.enqueue()


# Path of the task function, and its arguments.
WorkKey = tuple[str, str]


class BackgroundThread:
    """A thread that runs functions one after another, in the order in which they are queued.

    Work that is already waiting is not queued twice. When the process ends, the thread finishes the queued work. It
    drops delayed work, and work that is queued during the shutdown: commands call `finish_background_work` before.
    """

    def __init__(self) -> None:
        self._waiting: set[WorkKey] = set()
        self._unfinished = 0
        self._timers: set[threading.Timer] = set()
        self._held: dict[WorkKey, Callable[[], object]] | None = None
        self._condition = threading.Condition()

    @cached_property
    def _executor(self) -> ThreadPoolExecutor:
        """The executor, created with the first task, because a server forks its workers before that."""
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")

    def queue(self, key: WorkKey, work: Callable[[], object]) -> None:
        """Queue a function, unless one with the same key is waiting."""
        with self._condition:
            if self._held is not None:
                self._held.setdefault(key, work)
            elif key not in self._waiting:
                try:
                    self._executor.submit(self._run, key, work)  # It starts when this lock is released.
                except RuntimeError:  # The process ends.
                    logger.debug("not done before the end of the process: %s", key)
                    return
                self._waiting.add(key)
                self._unfinished += 1

    @contextmanager
    def held(self) -> Iterator[None]:
        """Queue work at the end of the `with` block only, each key once: a command writes alone until then."""
        with self._condition:
            self._held = {}
        try:
            yield
        finally:
            with self._condition:
                held, self._held = self._held, None
            for key, work in (held or {}).items():
                self.queue(key, work)

    def queue_later(self, seconds: float, key: WorkKey, work: Callable[[], object]) -> None:
        """Queue a function after a delay."""
        timer = threading.Timer(seconds, self.queue, (key, work))
        timer.daemon = True
        with self._condition:
            self._timers = {pending for pending in self._timers if pending.is_alive()} | {timer}
            timer.start()

    def finish(self) -> None:
        """Wait until all queued work is done, including the work that it queues. Cancel delayed work."""
        with self._condition:
            self._condition.wait_for(lambda: not self._unfinished)
            for timer in self._timers:
                timer.cancel()

    def _run(self, key: WorkKey, work: Callable[[], object]) -> None:
        with self._condition:
            self._waiting.discard(key)  # Changes from now on may be too late for this run: queue them again.
        try:
            work()
        finally:
            connections.close_all()
            with self._condition:
                self._unfinished -= 1
                self._condition.notify_all()


# One thread for each alias of TASKS in the whole process: Django creates a backend for each thread that enqueues a
# task. The backend of e-mails has its own alias, so that a slow mail server holds no other task.
_threads: dict[str, BackgroundThread] = {}


def thread_of_backend(alias: str) -> BackgroundThread:
    """Return the thread that runs the tasks of a backend."""
    return _threads.setdefault(alias, BackgroundThread())


background = thread_of_backend("background")


def finish_background_work() -> None:
    """Wait until all threads have done their work, including the work that it queues; drop delayed work.

    A command calls it at its end: what its last tasks find, such as an index that must be rebuilt, would be dropped.
    """
    for thread in list(_threads.values()):
        thread.finish()


class RequestBackend(ImmediateBackend):
    """Django's immediate backend, which raises the collision that has ended the transaction around a task.

    The original only logs it: the request would go on without a transaction, and its next query would fail.
    """

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        """Run a task; raise the DatabaseError of a collision inside a transaction. Other errors are logged."""
        collisions: list[DatabaseError] = []

        @wraps(task.func)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return task.func(*args, **kwargs)
            except DatabaseError as error:
                if is_collision(error) and connection.in_atomic_block:
                    collisions.append(error)
                raise

        result = super().enqueue(replace(task, func=call), args, kwargs)
        if collisions:
            raise collisions[0]
        return result


class ThreadBackend(ImmediateBackend):
    """A backend that runs tasks in its own thread with Django's immediate backend, and supports `run_after`.

    The result that `enqueue` returns stays READY, since nothing in the product reads results.
    """

    supports_defer = True

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        """Queue a task, or schedule it for its `run_after`; raise InvalidTaskError for a task that cannot be run."""
        self.validate_task(task)
        key = (task.module_path, repr((args, kwargs)))
        run = partial(super().enqueue, task, args, kwargs)
        thread = thread_of_backend(self.alias)
        if task.run_after is None:
            thread.queue(key, run)
        else:
            thread.queue_later((task.run_after - timezone.now()).total_seconds(), key, run)
        return TaskResult(
            task=task,
            id=get_random_id(),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )

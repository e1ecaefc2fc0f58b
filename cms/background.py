"""Runs tasks in a thread of this process: work that nobody should wait for, where no worker runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from django.db import connections
from django.utils import timezone
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks.base import TaskResult

logger = logging.getLogger(__name__)

Key = tuple[str, str]


class BackgroundThread:
    """Does one thing after the other, in their order; what waits already is not queued twice.

    A process that ends does what is queued first, and forgets what is for later and what that would queue in turn.
    """

    def __init__(self) -> None:
        self._waiting: set[Key] = set()
        self._unfinished = 0
        self._later: set[threading.Timer] = set()
        self._changed = threading.Condition()

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        """Made with the first task: a server forks its workers before."""
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")

    def queue(self, key: Key, work: Callable[[], None]) -> None:
        """Have something done as soon as what came before is done."""
        with self._changed:
            if key not in self._waiting:
                try:
                    self._thread.submit(self._do, key, work)  # It begins when the lock is free.
                except RuntimeError:  # The process ends: what is asked for from now on is forgotten too.
                    logger.debug("not done before the end of the process: %s", key)
                    return
                self._waiting.add(key)
                self._unfinished += 1

    def queue_later(self, seconds: float, key: Key, work: Callable[[], None]) -> None:
        """Queue something after some time."""
        timer = threading.Timer(seconds, self.queue, (key, work))
        timer.daemon = True
        with self._changed:
            self._later = {each for each in self._later if each.is_alive()} | {timer}
            timer.start()

    def finish(self) -> None:
        """Wait until everything queued is done, with what it queues in turn; forget what is for later."""
        with self._changed:
            self._changed.wait_for(lambda: not self._unfinished)
            for timer in self._later:
                timer.cancel()

    def _do(self, key: Key, work: Callable[[], None]) -> None:
        with self._changed:
            self._waiting.discard(key)  # What comes from now on may not be seen by this run.
        try:
            work()
        finally:
            connections.close_all()
            with self._changed:
                self._unfinished -= 1
                self._changed.notify_all()


# One for the process: backends are made for each thread that queues something.
background = BackgroundThread()


class ThreadBackend(ImmediateBackend):
    """Runs tasks in the background thread; `run_after` is kept."""

    supports_defer = True

    def _execute_task(self, task_result: TaskResult) -> None:
        task = task_result.task
        key = (task.module_path, repr((task_result.args, task_result.kwargs)))
        run = super()._execute_task
        if task.run_after is None:
            background.queue(key, lambda: run(task_result))
        else:
            background.queue_later((task.run_after - timezone.now()).total_seconds(), key, lambda: run(task_result))

"""Functions that run once after the commit of a transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from django.db import transaction


class OncePerCommit(threading.local):
    """Calls a function once after the commit, however often the transaction schedules it.

    A bulk change schedules it thousands of times, and Django has no hook to register a callback once per transaction.
    When a callback runs, all that this thread has scheduled is committed or rolled back. Each thread has its own
    counters, because each has its own database connection: `_last` is the number of the last call of `schedule`,
    `_served` that of the last call for which the function has run.
    """

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._last = 0
        self._served = 0

    def schedule(self) -> None:
        """Call the function after the commit, or immediately outside a transaction."""
        self._last += 1
        transaction.on_commit(partial(self._run, self._last))

    def _run(self, call: int) -> None:
        if call > self._served:
            self._served = self._last
            self._function()

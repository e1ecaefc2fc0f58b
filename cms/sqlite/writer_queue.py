"""The order of the transactions that wait to write to a SQLite file: a queue in each process, a lock between them."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.01


class WriterQueue:
    """The tickets of transactions: the first one writes, the others wait."""

    def __init__(self) -> None:
        self.tickets: deque[Ticket] = deque()
        self.condition = threading.Condition()

    def enter(self, seconds: float) -> Ticket | None:
        """Wait until all earlier transactions have left; return the ticket, or None after `seconds`.

        The caller ends its transaction with `leave` of the ticket.
        """
        ticket = Ticket(self)
        with self.condition:
            self.tickets.append(ticket)
            if self.condition.wait_for(lambda: self.tickets[0] is ticket, seconds):
                return ticket
        ticket.leave()
        return None


class Ticket:
    """The entry of one transaction in a queue."""

    def __init__(self, queue: WriterQueue) -> None:
        self._queue = queue

    def leave(self) -> None:
        """Leave the queue, and let the next transaction write."""
        with self._queue.condition:
            self._queue.tickets.remove(self)
            self._queue.condition.notify_all()


# By the name of the file. Threads open connections of their own, and only they share the queues.
_queues: defaultdict[str, WriterQueue] = defaultdict(WriterQueue)
# A forked process has none of the threads that are in the queues.
os.register_at_fork(after_in_child=_queues.clear)


def queue_of(file: str) -> WriterQueue:
    """Return the queue of a file."""
    return _queues[str(file)]


@contextmanager
def process_lock(file: str, seconds: float) -> Iterator[bool]:
    """Hold a lock between processes during the block, which waits for the lock of the SQLite file.

    Without it, a process whose queue is never empty takes the lock of SQLite again before another process looks. Yields
    False if the lock is not free after `seconds`.
    """
    if not Path(file).is_file():  # A database in memory.
        yield True
        return
    end = time.monotonic() + seconds
    with Path(f"{file}-write-lock").open("ab") as lock_file:  # The lock ends when the file is closed.
        while not (is_held := _lock(lock_file.fileno())) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        yield is_held


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""The order of the transactions that wait to write to one SQLite file: queues in processes, which take turns."""

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
        """Wait for the turn; return the ticket, which the caller returns with `leave`, or None after `seconds`."""
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
def turn_of_process(file: str, seconds: float) -> Iterator[bool]:
    """Keep other processes from waiting for the lock of the file during the block, which waits for it.

    Without turns, a process whose queue is never empty takes the lock again before another process looks. Yields False
    if the turn does not come in time.
    """
    if not Path(file).is_file():  # A database in memory.
        yield True
        return
    end = time.monotonic() + seconds
    with Path(f"{file}-turn").open("ab") as turn:  # The lock ends when the file is closed.
        while not (is_held := _lock(turn.fileno())) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        yield is_held


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""The queue of the transactions that wait to write to one SQLite file, within a process."""

from __future__ import annotations

import os
import threading
from collections import defaultdict, deque


class WriterQueue:
    """The places of the transaction that writes, which is first, and of those that wait."""

    def __init__(self) -> None:
        self.places: deque[Place] = deque()
        self.condition = threading.Condition()

    def enter(self, seconds: float) -> Place | None:
        """Wait for the turn and return the place, which has to be left; return None if it does not come in time."""
        place = Place(self)
        with self.condition:
            self.places.append(place)
            if self.condition.wait_for(lambda: self.places[0] is place, seconds):
                return place
        place.leave()
        return None


class Place:
    """A place in a queue."""

    def __init__(self, queue: WriterQueue) -> None:
        self._queue = queue

    def leave(self) -> None:
        """Give the turn to the next one."""
        with self._queue.condition:
            self._queue.places.remove(self)
            self._queue.condition.notify_all()


# By the name of the file. Threads open connections of their own, and only they share the queues.
_queues: defaultdict[str, WriterQueue] = defaultdict(WriterQueue)
# A forked process has none of the threads that are in the queues.
os.register_at_fork(after_in_child=_queues.clear)


def queue_of(file: str) -> WriterQueue:
    """Return the queue of a file."""
    return _queues[str(file)]

"""A queue with one place, for the request of a web process that waits for an inspection slot."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

POLL_SECONDS = 0.05


@dataclass(eq=False)
class _Waiting:
    gives_way: bool
    is_displaced: threading.Event = field(default_factory=threading.Event)


class WaitingPlace:
    """A queue of at most one waiting request, since each occupies a thread of the web process.

    A waiting request with `gives_way` is displaced by one without.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._present: _Waiting | None = None

    def wait_for(self, slot: Any, seconds: float, *, gives_way: bool) -> bool:
        """Acquire `slot`; return False if another request waits, if one displaces this request, or after `seconds`."""
        place = self._enter(gives_way)
        if place is None:
            return False
        end = time.monotonic() + seconds
        try:
            while not place.is_displaced.is_set() and (left := end - time.monotonic()) > 0:
                if slot.acquire(timeout=min(left, POLL_SECONDS)):
                    return True
            return False
        finally:
            self._leave(place)

    def _enter(self, gives_way: bool) -> _Waiting | None:
        with self._lock:
            if (present := self._present) is not None:
                if gives_way or not present.gives_way:
                    return None
                present.is_displaced.set()
            self._present = _Waiting(gives_way)
            return self._present

    def _leave(self, place: _Waiting) -> None:
        with self._lock:
            if self._present is place:
                self._present = None

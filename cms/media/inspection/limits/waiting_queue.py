"""A queue of one request of a web process, which waits for an inspection slot."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

POLL_SECONDS = 0.05


@dataclass(eq=False)
class _Entry:
    is_displaceable: bool
    is_displaced: threading.Event = field(default_factory=threading.Event)


class WaitingQueue:
    """A queue of at most one request, since each waiting request occupies a thread of the web process.

    A displaceable request leaves the queue when a request that is not displaceable comes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._present: _Entry | None = None

    def wait_for(self, slot: Any, seconds: float, *, is_displaceable: bool) -> bool:
        """Acquire `slot`; return False if another request waits, if one displaces this request, or after `seconds`."""
        entry = self._enter(is_displaceable)
        if entry is None:
            return False
        end = time.monotonic() + seconds
        try:
            while not entry.is_displaced.is_set() and (left := end - time.monotonic()) > 0:
                if slot.acquire(timeout=min(left, POLL_SECONDS)):
                    return True
            return False
        finally:
            self._leave(entry)

    def _enter(self, is_displaceable: bool) -> _Entry | None:
        with self._lock:
            if (present := self._present) is not None:
                if is_displaceable or not present.is_displaceable:
                    return None
                present.is_displaced.set()
            self._present = _Entry(is_displaceable)
            return self._present

    def _leave(self, entry: _Entry) -> None:
        with self._lock:
            if self._present is entry:
                self._present = None

"""Timeouts and circuit breaker for calls to the cluster (decision 43)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from search.engines.contract import EngineUnavailable

# Timeouts in seconds: LOOK_UP_TIMEOUT to find the live index, SEARCH_TIMEOUT for each request of a search. A search
# that the cluster goes on answering may take SEARCH_SECONDS.
LOOK_UP_TIMEOUT = 0.5
SEARCH_TIMEOUT = 1.2
SEARCH_SECONDS = 4.0
# Searches of a process that run at once, and the seconds for which others wait for their turn: a cluster that gets more
# searches than it has processors answers each of them more slowly, and in the end none in time.
MAX_SEARCHES = 4
TURN_SECONDS = 5.0
WRITE_TIMEOUT = 10
CREATE_TIMEOUT = 30
# Statuses of a cluster that cannot answer: forbidden, missing index, too slow, too many requests. Other statuses below
# 500 mean that the request is wrong.
UNAVAILABLE_STATUSES = (401, 403, 404, 408, 429)
SERVER_ERROR = 500


@contextmanager
def unavailable_on_error() -> Iterator[None]:
    """Raise EngineUnavailable for every error that means that the cluster does not answer."""
    try:
        yield
    except TransportError as error:
        raise EngineUnavailable(str(error)) from error
    except ApiError as error:
        # In a request of several searches each search has a status of its own.
        status = error.body.get("status", error.meta.status) if isinstance(error.body, dict) else error.meta.status
        if status in UNAVAILABLE_STATUSES or status >= SERVER_ERROR:
            raise EngineUnavailable(str(error)) from error
        raise


class CircuitBreaker:
    """A circuit breaker that the threads of a process share.

    After MAX_FAILURES transport errors in a row it is open for OPEN_SECONDS: calls fail at once instead of occupying
    threads until their timeouts. `suspects_shards` is True after an answer that a part of an index is not available.
    """

    MAX_FAILURES = 2
    OPEN_SECONDS = 3.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0
        self._answered_at = 0.0
        self._turns = threading.BoundedSemaphore(MAX_SEARCHES)
        self.suspects_shards = False

    def note_answer(self) -> None:
        """Note that the cluster has answered a request."""
        self._answered_at = time.monotonic()

    def has_answered_since(self, moment: float) -> bool:
        """Return True if the cluster has answered any thread since a moment of the monotonic clock."""
        return self._answered_at > moment

    @contextmanager
    def search(self) -> Iterator[None]:
        """Run the block, which searches, when it is its turn. Raises EngineUnavailable as `call` does."""
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise EngineUnavailable("too many searches wait for the cluster")
        try:
            with self.call():
                yield
        finally:
            self._turns.release()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Run the block, which calls the cluster. Raises EngineUnavailable, without a call if the circuit is open."""
        if time.monotonic() < self._open_until:
            raise EngineUnavailable("it did not answer a moment ago")
        try:
            with unavailable_on_error():
                yield
        except EngineUnavailable as error:
            if isinstance(error.__cause__, ApiError):
                self.suspects_shards = True
            if isinstance(error.__cause__, TransportError):
                with self._lock:
                    self._failures += 1
                    if self._failures >= self.MAX_FAILURES:
                        self._open_until = time.monotonic() + self.OPEN_SECONDS
            raise
        self.note_answer()
        with self._lock:
            self._failures = 0


def with_deadline(client: Elasticsearch, end: float) -> Elasticsearch:
    """Return the client with the time until `end` (of the monotonic clock) as its timeout."""
    return client.options(request_timeout=max(0.05, end - time.monotonic()))

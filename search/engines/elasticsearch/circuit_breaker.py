"""Timeouts and circuit breaker for calls to the cluster (decision 43)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, Elasticsearch

from search.engines.contract import EngineUnavailable

T = TypeVar("T")

# Timeouts in seconds: to find the live index, for the first attempt of each request of a search, and to ask a cluster
# that did not answer it if it is alive. A reader waits for all three if it is not: less than two seconds.
LOOK_UP_TIMEOUT = 0.5
SEARCH_TIMEOUT = 1.0
PING_TIMEOUT = 0.3
# Seconds that a search may take in a cluster that is alive.
SEARCH_SECONDS = 8.0
# With less time left no further request is sent.
MIN_REMAINING_SECONDS = 0.1
# Searches of a process that run at once, and the seconds for which others wait for a slot: a cluster that gets more
# searches than it has processors answers each of them more slowly, and in the end none in time.
MAX_SEARCHES = 4
SLOT_SECONDS = 10.0
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
        server = urlsplit(settings.ELASTICSEARCH_URL)
        raise EngineUnavailable(
            f"Elasticsearch at {server.hostname}:{server.port or server.scheme}: {error}"
        ) from error
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
        self._slots = threading.BoundedSemaphore(MAX_SEARCHES)
        self.suspects_shards = False

    def note_answer(self) -> None:
        """Note that the cluster has answered a request."""
        self._answered_at = time.monotonic()

    def has_answered_since(self, moment: float) -> bool:
        """Return True if the cluster has answered any thread since a moment of the monotonic clock."""
        return self._answered_at > moment

    def request(self, client: Elasticsearch, send: Callable[[Elasticsearch], T], deadline: float) -> T:
        """Return the response to a request, which `send` sends with the client that it gets.

        After a timeout it is sent again, with all time until `deadline` (of the monotonic clock), if the cluster
        answers others: a busy cluster answers late, and one that is away answers nobody. Raises ConnectionTimeout.
        """
        limit = SEARCH_TIMEOUT
        while True:
            begun = time.monotonic()
            seconds = min(limit, deadline - begun)
            if seconds < MIN_REMAINING_SECONDS:
                raise ConnectionTimeout("no time is left for another request")
            try:
                response = send(client.options(request_timeout=seconds))
            except ConnectionTimeout:
                if not (self.has_answered_since(begun) or client.options(request_timeout=PING_TIMEOUT).ping()):
                    raise
                limit = SEARCH_SECONDS
            else:
                self.note_answer()
                return response

    @contextmanager
    def search(self) -> Iterator[None]:
        """Run the block, which searches, when fewer than MAX_SEARCHES run. Raises EngineUnavailable as `call` does."""
        if not self._slots.acquire(timeout=SLOT_SECONDS):
            raise EngineUnavailable("too many searches wait for the cluster")
        try:
            with self.call():
                yield
        finally:
            self._slots.release()

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

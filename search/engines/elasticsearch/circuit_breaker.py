"""How long a cluster is waited for, and what it means when it does not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from search.engines.contract import EngineUnavailable

# Seconds. A reader is told to come back after both: to find the live index, and to ask it whatever a query needs.
LOOK_UP_TIMEOUT = 0.5
SEARCH_TIMEOUT = 1.2
WRITE_TIMEOUT = 10
CREATE_TIMEOUT = 30
# Not allowed, gone, too slow, too many: the cluster's state, and not the question, is why there is no answer.
UNAVAILABLE_STATUSES = (401, 403, 404, 408, 429)
UNAVAILABLE = 500


@contextmanager
def unavailable_on_error() -> Iterator[None]:
    """Turn every way in which a cluster does not answer into EngineUnavailable."""
    try:
        yield
    except TransportError as error:
        raise EngineUnavailable(str(error)) from error
    except ApiError as error:
        # Of several questions in one request each has a status of its own.
        status = error.body.get("status", error.meta.status) if isinstance(error.body, dict) else error.meta.status
        if status in UNAVAILABLE_STATUSES or status >= UNAVAILABLE:
            raise EngineUnavailable(str(error)) from error
        raise


class CircuitBreaker:
    """Remembers that a cluster does not answer: readers who wait for it would take the threads of all others.

    After two failures in a row nobody asks for three seconds. Shared by the threads of a process.
    """

    FAILURES = 2
    SECONDS = 3.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Ask a cluster something. Raises EngineUnavailable, at once while it is known not to answer."""
        if time.monotonic() < self._until:
            raise EngineUnavailable("it did not answer a moment ago")
        try:
            with unavailable_on_error():
                yield
        except EngineUnavailable as error:
            if isinstance(error.__cause__, TransportError):
                with self._lock:
                    self._failures += 1
                    if self._failures >= self.FAILURES:
                        self._until = time.monotonic() + self.SECONDS
            raise
        with self._lock:
            self._failures = 0


def with_deadline(client: Elasticsearch, end: float) -> Elasticsearch:
    """Return the client for one of several requests that must all be answered until a moment of the monotonic clock."""
    return client.options(request_timeout=max(0.05, end - time.monotonic()))

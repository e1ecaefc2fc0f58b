"""Requests whose answer must not be a server error, must come soon, and must not leave a part of a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client

from tests.isolation.rows import IGNORED_TABLES, Writes

Odd = dict[str, Any]
# Seconds of processor time; the slowest form of the samples takes half a second.
MAX_SECONDS = 3.0
CLIENT_ERROR, SERVER_ERROR = 400, 500


@dataclass(frozen=True)
class Answer:
    """An answer with what is wrong with it; "" for nothing."""

    response: Any
    fault: str


class KeptWrites(Writes):
    """The tables that a request writes to, without what it rolls back."""

    def __init__(self) -> None:
        super().__init__()
        self._at_savepoint: dict[str, set[str]] = {}

    def __call__(self, execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("SAVEPOINT"):
            self._at_savepoint[sql.split()[-1]] = set(self.tables)
        elif sql.startswith("ROLLBACK TO SAVEPOINT"):
            self.tables = set(self._at_savepoint.get(sql.split()[-1], ()))
        return super().__call__(execute, sql, *arguments)


class Sender:
    """Sends requests as one client, rolls each back, and finds faults in the answers."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.client.raise_request_exception = False
        self.requests = 0

    def send(self, method: str, url: str, *more: str, **options: Any) -> Answer:
        """Send a request, and a GET request to the URLs in `more` if it did not fail; return the first fault."""
        writes, started = KeptWrites(), time.process_time()
        with transaction.atomic():
            with connection.execute_wrapper(writes):
                response = self._request(method, url, **options)
            fault = self._fault(response, writes)
            for each in more if response.status_code < CLIENT_ERROR else ():
                further = self._request("GET", each)
                fault = fault or (further.status_code >= SERVER_ERROR and f"then {each}: {_describe(further)}") or ""
            transaction.set_rollback(True)
        if (seconds := time.process_time() - started) > MAX_SECONDS * (1 + len(more)):
            fault = fault or f"took {seconds:.1f} s"
        if writes.tables:
            caches["default"].clear()
        return Answer(response, fault)

    def _request(self, method: str, url: str, **options: Any) -> Any:
        self.requests += 1
        response = getattr(self.client, method.lower())(url, **options)
        if response.streaming:
            b"".join(response)
        return response

    def _fault(self, response: Any, writes: Writes) -> str:
        if response.status_code >= SERVER_ERROR:
            return _describe(response)
        form = response.context.get("form") if response.status_code == 200 and response.context else None
        is_refused = response.status_code >= CLIENT_ERROR or bool(getattr(form, "errors", None))
        if is_refused and not connection.needs_rollback and (written := writes.tables - IGNORED_TABLES):
            return f"{response.status_code}, and yet written: {', '.join(sorted(written))}"
        return ""


def faults_of(send: Callable[[Odd], str], odd: Odd) -> Iterator[str]:
    """Send all odd values in one request; after a fault yield each name and value that has one alone.

    `send` returns the fault of a request, "" for none. Half of the names is sent at a time, so that a few faults among
    many values need few requests.
    """
    fault = send(odd)
    if not fault:
        return
    if len(odd) == 1:
        ((name, value),) = odd.items()
        yield f"{name}={str(value)[:80]!r}: {fault}"
        return
    items, half = list(odd.items()), len(odd) // 2
    found = [each for part in (items[:half], items[half:]) for each in faults_of(send, dict(part))]
    yield from found or [f"{', '.join(odd)} together: {fault}"]


def _describe(response: Any) -> str:
    return f"{response.status_code} {response.exc_info[1]!r}" if response.exc_info else str(response.status_code)

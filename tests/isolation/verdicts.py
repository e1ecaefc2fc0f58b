"""Requests a URL as a user and classifies the response: refused, answered, read, written or error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from .arguments import form_for
from .rows import IGNORED_TABLES, Rows, Writes
from .targets import Target

FORM_TYPE = "application/x-www-form-urlencoded"


# The verdicts of one role by method, URL, form, mark and whether the response must be “not found”. Relations have
# requests in common: those that name no object.
Known = dict[tuple[str, str, str, str, str, bool], tuple[int, str, str]]


@dataclass(frozen=True)
class Cell:
    """One request of the matrix with its verdict; `detail` describes what was read, written or wrong."""

    role: str
    surface: str
    endpoint: str
    relation: str
    method: str
    status: int
    verdict: str
    detail: str = ""

    @property
    def is_failure(self) -> bool:
        return self.verdict in ("read", "written", "error", "not hidden")

    def __str__(self) -> str:
        return (
            f"{self.role} {self.method} {self.endpoint} ({self.relation}, {self.status}): {self.verdict} {self.detail}"
        )


class Examiner:
    """Requests URLs in one role, rolls each request back, and stores one cell per request.

    A request whose verdict is in `known` is not sent again: the same request of the same user on the same rows.
    """

    def __init__(self, role: str, client: Client, fixture_data: Any, known: Known) -> None:
        self.role, self.client, self.fixture_data, self.known = role, client, fixture_data, known
        self.rows: Rows = fixture_data.rows
        self.cells: list[Cell] = []
        self.client.raise_request_exception = False

    def request(self, target: Target, relation: str) -> None:
        """Request a target with GET and POST, and with PUT and DELETE if the view supports them."""
        form = form_for(self.fixture_data, target.endpoint, relation)
        self._request("GET", target, relation)
        self._request("POST", target, relation, data=form)
        if target.endpoint.name.startswith("wagtail_localize:edit_"):
            self._request("PUT", target, relation, data="value=changed", content_type=FORM_TYPE)
            self._request("DELETE", target, relation)

    def skip(self, target: Target, relation: str, reason: str) -> None:
        """Record that an endpoint is skipped, and the reason."""
        self.cells.append(
            Cell(
                self.role,
                target.surface or target.endpoint.surface,
                target.endpoint.name,
                relation,
                "",
                0,
                "skipped",
                reason,
            )
        )

    def _request(self, method: str, target: Target, relation: str, **options: Any) -> None:
        key = (method, target.host, target.url, repr(options), target.mark, target.hides)
        if key not in self.known:
            self.known[key] = self._send(method, target, **options)
        status, verdict, detail = self.known[key]
        surface, name = target.surface or target.endpoint.surface, target.endpoint.name
        self.cells.append(Cell(self.role, surface, name, relation, method, status, verdict, detail))

    def _send(self, method: str, target: Target, **options: Any) -> tuple[int, str, str]:
        """Send the request and roll it back. Return the status of the response, the verdict and its detail."""
        writes = Writes()
        with transaction.atomic():
            with connection.execute_wrapper(writes):
                send = getattr(self.client, method.lower())
                response = send(target.url, headers={"host": target.host}, **options)
                body = b"".join(response) if response.streaming else response.content
            written = self.rows.changed(writes.tables)
            if target.hides:
                # A request without an own object must not write anything.
                written = written or sorted(writes.tables - IGNORED_TABLES)
            transaction.set_rollback(True)
        if writes.tables:
            caches["default"].clear()
        verdict, detail = self._verdict(response, body, written, target)
        return response.status_code, verdict, detail and f"{target.host}{target.url} {detail}"

    def _verdict(self, response: Any, body: bytes, written: list[str], target: Target) -> tuple[str, str]:
        # The response may repeat the requested text.
        text = body.decode(errors="replace").lower().replace(target.url.lower(), "")
        if response.status_code >= 500:
            return "error", repr(response.exc_info[1]) if response.exc_info else ""
        if written:
            return "written", ", ".join(written)
        # Search for the mark alone first: the context makes the expression slow on a long page.
        if target.mark in text and (match := re.search(rf".{{0,60}}{target.mark}.{{0,40}}", text)):
            return "read", match.group()
        location = response.get("Location", "").replace(target.url, "")
        if target.mark in location:
            return "read", location
        if self._is_refused(response):
            return "refused", ""
        if target.hides:
            return "not hidden", ""
        return "answered", ""

    def _is_refused(self, response: Any) -> bool:
        to_login = response.get("Location", "").startswith(reverse("wagtailadmin_login"))
        denied = self.role == "anonymous" and (to_login or response.status_code in (401, 403))
        # The view does not support the method, whatever the object.
        return response.status_code in (404, 405) or denied

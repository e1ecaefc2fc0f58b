"""Formats of log entries: one line of text, or one JSON object, for each entry.

An entry says when (UTC, ISO 8601), which module and what; for a request also from which client, by which account, with
which method and on which host. A text of a request cannot begin a new entry: control characters of a message are
escaped, and the lines of a traceback are indented. Secret parts of URLs are removed.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from cms.overrides.loaded_account import loaded_account
from sites.rate_limits.client_address import client_address

from .log_redaction import redact

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
INDENT = "    "


class LineFormatter(logging.Formatter):
    """Formats an entry as a line of text; a traceback follows on indented lines."""

    def format(self, record: logging.LogRecord) -> str:
        details = "".join(f" {name}={_one_line(str(value))}" for name, value in _details(record).items())
        line = f"{_time(record)} {record.levelname} {record.name}:{details} {_one_line(redact(record.getMessage()))}"
        traceback = self._traceback(record)
        lines = [_one_line(part) for part in traceback.splitlines()]
        return "\n".join([line, *(INDENT + part for part in lines)])

    def _traceback(self, record: logging.LogRecord) -> str:
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return redact("\n".join(parts))


class JsonFormatter(LineFormatter):
    """Formats an entry as a JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            **_details(record),
        }
        if traceback := self._traceback(record):
            entry["traceback"] = traceback
        text = json.dumps(entry, ensure_ascii=False, default=str)
        return CONTROL_CHARACTERS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _details(record: logging.LogRecord) -> dict[str, Any]:
    """Return who sent the request of the entry, without a query: the account is named only if it has been read."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return {}
    account = getattr(loaded_account(request), "pk", None)
    return {
        "client": client_address(request),
        "account": account if account is not None else "-",
        "method": request.method or "-",
        "host": request.META.get("HTTP_HOST", "-"),
    }


def _one_line(text: str) -> str:
    return CONTROL_CHARACTERS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)

"""Requests to translation services: no redirects, a total time, a maximum of bytes, and errors without texts.

An error has a code and nothing that the service has said: an answer may repeat the key.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping
from typing import Any

import requests

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5
# Seconds without a byte, and those of the whole answer.
SILENT_SECONDS, TOTAL_SECONDS = 30, 60
MAX_BYTES = 4_000_000
CHUNK_BYTES = 65_536
LONGEST_PAUSE = 3_600

# Codes of errors. Those of TEMPORARY may pass by themselves.
KEY, QUOTA, BUSY, REFUSED = "key", "quota", "busy", "refused"
UNAVAILABLE, UNREADABLE, PAIR = "unavailable", "unreadable", "pair"
TEMPORARY = frozenset((BUSY, UNAVAILABLE, UNREADABLE))
CODES_BY_STATUS = {401: KEY, 403: KEY, 408: UNAVAILABLE, 429: BUSY, 456: QUOTA}


class MachineServiceError(Exception):
    """Raised when a service does not translate. `retry_after` is the pause in seconds for which it has asked, or 0."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


def request_json(method: str, url: str, *, headers: Mapping[str, str] | None = None, data: Any = None) -> Any:
    """Send a request and return the JSON of its answer. Raises MachineServiceError.

    `data` is sent as JSON. Proxies of the environment are used.
    """
    end = time.monotonic() + TOTAL_SECONDS
    try:
        with (
            requests.Session() as session,
            session.request(
                method, url, headers=headers, json=data, timeout=(CONNECT_SECONDS, SILENT_SECONDS),
                allow_redirects=False, stream=True,
            ) as response,
        ):  # fmt: skip
            if response.status_code != requests.codes.ok:
                raise _error_of(response)
            return json.loads(_body(response, end))
    except MachineServiceError:
        raise
    except (ValueError, RecursionError):
        raise MachineServiceError(UNREADABLE) from None
    except Exception as error:  # Those of requests, and those of the library below it, which it does not convert.
        # The text of an error may contain a header, such as the key.
        logger.warning("a translation service does not answer: %s", type(error).__name__)
        raise MachineServiceError(UNAVAILABLE) from None


def _body(response: requests.Response, end: float) -> bytes:
    """Return the body, read as it comes; raise MachineServiceError if it is too long or comes too slowly."""
    body = bytearray()
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > MAX_BYTES:
            raise MachineServiceError(UNREADABLE)
        if time.monotonic() > end:
            raise MachineServiceError(UNAVAILABLE)
    return bytes(body)


def _error_of(response: requests.Response) -> MachineServiceError:
    status = response.status_code
    logger.warning("a translation service has answered with the status %d", status)
    server_error, client_error = 500, 400
    if status >= server_error:
        code = UNAVAILABLE
    elif status < client_error:  # A redirect leads to another service than the operator has named.
        code = UNREADABLE
    else:
        code = CODES_BY_STATUS.get(status, REFUSED)
    return MachineServiceError(code, _pause(response.headers.get("Retry-After", "")))


def _pause(value: str) -> int:
    """Return the seconds of a header `Retry-After`; 0 for a date, which services do not send, and for nonsense."""
    try:
        seconds = float(value)
    except ValueError:
        return 0
    return math.ceil(min(max(seconds, 0), LONGEST_PAUSE)) if math.isfinite(seconds) else 0

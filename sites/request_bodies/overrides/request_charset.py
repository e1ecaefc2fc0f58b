"""Requests whose text is always UTF-8, whatever charset their Content-Type names.

Replaces: `HttpRequest._set_content_type_params`, by a method that calls the original with a Content-Type without a
    charset.
Why no hook serves: the constructor of a request decodes the query string with the charset, before any middleware.
    Python knows charsets that are no encodings of text (`hex`, `undefined`), which make every URL fail, and `punycode`,
    which decodes 400 kB in 15 seconds. A wrapper of the WSGI application would leave out ASGI.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/test_request_charset.py.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.http import parse_header_parameters

CONTENT_TYPE = "CONTENT_TYPE"
UTF8 = frozenset(("utf-8", "utf8"))
# The name of a parameter ends with it if its value is encoded (RFC 2231), with a charset of its own. No parameter of a
# Content-Type needs it, and neither names of types nor boundaries have it.
ENCODED = "*"
# Python parses parameters in a time that grows with the square of their length. A boundary has up to 70 characters.
MAX_LENGTH = 300

_set_content_type_params: Any = HttpRequest._set_content_type_params  # type: ignore[attr-defined]


def read_requests_as_utf8() -> None:
    """Let all requests ignore the charset of their Content-Type. To be called once, before the first request."""
    HttpRequest._set_content_type_params = set_content_type_params  # type: ignore[attr-defined]


def set_content_type_params(request: HttpRequest, meta: dict[str, Any]) -> None:
    """Set the content type, its parameters and no encoding. Replaces Django's method.

    Of a Content-Type with another charset, or with an encoded parameter, only the type remains, in `META` too.
    """
    header = meta.get(CONTENT_TYPE, "")
    request.has_other_charset = not _is_utf8(header)  # type: ignore[attr-defined]
    if request.has_other_charset:  # type: ignore[attr-defined]
        meta[CONTENT_TYPE] = header.partition(";")[0].strip()
    _set_content_type_params(request, meta)
    request._encoding = None  # type: ignore[attr-defined]  # Django refuses forms with the name `utf8`.


def has_other_charset(request: HttpRequest) -> bool:
    """Return True if the Content-Type names another charset than UTF-8, so that the body cannot be read."""
    return bool(getattr(request, "has_other_charset", False))


def _is_utf8(header: str) -> bool:
    if ENCODED in header or len(header) > MAX_LENGTH:
        return False
    _type, parameters = parse_header_parameters(header)
    return parameters.get("charset", "utf-8").strip().lower() in UTF8

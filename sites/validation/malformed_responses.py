"""The answer 400 to a malformed request. It names the values with which the view failed, as far as they are known."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.utils.datastructures import MultiValueDictKeyError

from sites.retry_responses import language_of_visitor, problem_response

from .malformed_requests import DESTINATION, MalformedValue, destination_of
from .object_keys import is_beyond_keys
from .overrides.read_forms import read_form

# Part of the names of values that no answer repeats.
SECRETS = ("password", "token", "code", "secret")
MAX_INPUTS = 10
MAX_LENGTH = 100

# The name of a parameter or a field, and its value; None for one that is missing.
Input = tuple[str, str | None]


def malformed_response(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the response 400: a page for people, a problem document for scripts."""
    inputs = [_shown(name, value) for name, value in list(inputs_named_by(request, exception))[:MAX_INPUTS]]
    named = "; ".join(f"{name}: {'missing' if value is None else value}" for name, value in inputs)
    return problem_response(
        request,
        status=HTTPStatus.BAD_REQUEST,
        template="cms_sites/malformed_request.html",
        language=language_of_visitor(request),
        context={"inputs": inputs},
        problem={
            "type": "/problems/bad-request",
            "title": "Bad request",
            "detail": f"Nothing was saved, since a value cannot be read. {named}".strip(),
        },
    )


def inputs_named_by(request: HttpRequest, exception: Exception) -> Iterator[Input]:
    """Yield the parameters and fields of a request with which a view failed.

    An exception names a key, or repeats a value as Python writes it. If it does neither, it is usually about a number
    that is too large.
    """
    match exception:
        case MalformedValue():
            yield exception.name, exception.value
        case MultiValueDictKeyError():
            yield str(exception.args[0]), None
        case NoReverseMatch():
            yield DESTINATION, destination_of(request)
        case _:
            text, sent = str(exception), list(_sent(request))
            repeated = [(name, value) for name, value in sent if value and repr(value) in text]
            yield from repeated or [(name, value) for name, value in sent if is_beyond_keys(value)]


def _sent(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield the name and value of each parameter and field. A body that was not read as a form is not read now."""
    for each in (request.GET, read_form(request)):
        for name, values in each.lists():
            yield from ((name, value) for value in values if isinstance(value, str))


def _shown(name: str, value: str | None) -> Input:
    if value is not None and any(word in name.lower() for word in SECRETS):
        value = "…"
    return _printable(name), None if value is None else _printable(value)


def _printable(text: str) -> str:
    """Return a text cut to MAX_LENGTH characters, with a replacement for each character that cannot be printed."""
    printable = "".join(character if character.isprintable() else "\ufffd" for character in text[:MAX_LENGTH])
    return printable + "…" if len(text) > MAX_LENGTH else printable

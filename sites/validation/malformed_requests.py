"""Exceptions that are the fault of a request: the views of Wagtail and of its extensions trust what forms send.

The traceback tells them from faults of the product. The last frame of an application (the frames of Django and of the
standard library below it do not count) belongs to the code that has read the value: upstream code then fails on a
value that no form sends. If it belongs to the product, the exception stays a server error.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

from django.core.exceptions import BadRequest
from django.db import DataError
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.datastructures import MultiValueDictKeyError

logger = logging.getLogger(__name__)

# Incomplete forms, numbers outside the range of primary keys, and values that are nested too deeply.
ALWAYS_MALFORMED = (BadRequest, MultiValueDictKeyError, OverflowError, DataError, RecursionError)
# Values of another type, or with another content, than a form sends.
UPSTREAM_MALFORMED = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError, IndexError, AssertionError)
PRODUCT_PACKAGES = frozenset(("cms", "search", "sites"))
UPSTREAM_PACKAGES = frozenset(
    ("draftjs_exporter", "modelcluster", "taggit", "telepath", "wagtail", "wagtail_localize", "willow")
)
# The parameter that says where a person continues after a form.
DESTINATION = "next"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


class MalformedValue(BadRequest):
    """Raised for a value that no form sends. `name` is that of the parameter or field."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"{name}: {value[:200]!r}")
        self.name = name
        self.value = value


def is_fault_of_request(request: HttpRequest, exception: Exception) -> bool:
    """Return True if a view fails on the values of the request, and False for a fault of the product."""
    if isinstance(exception, ALWAYS_MALFORMED) or _is_odd_destination(request, exception):
        return True
    return _has_input(request) and is_upstream_error(exception)


def is_upstream_error(exception: Exception) -> bool:
    """Return True if upstream code fails on the type or the content of a value."""
    if not isinstance(exception, UPSTREAM_MALFORMED) or _names_no_field_of_a_form(exception):
        return False
    packages = [package for package in _packages(exception) if package in PRODUCT_PACKAGES | UPSTREAM_PACKAGES]
    return bool(packages) and packages[-1] in UPSTREAM_PACKAGES


def log_malformed_request(exception: Exception) -> None:
    """Log the traceback, so that a fault of upstream code is found if a form does send such values."""
    logger.warning("Malformed request: %s", type(exception).__name__, exc_info=exception)


def destination_of(request: HttpRequest) -> str:
    """Return the path at which the person continues after a form; "" for none."""
    return request.POST.get(DESTINATION) or request.GET.get(DESTINATION) or ""


def _is_odd_destination(request: HttpRequest, exception: Exception) -> bool:
    """Return True if a view redirects to a text of the request that is no path, which Django takes for a URL name."""
    if not isinstance(exception, NoReverseMatch):
        return False
    destination = destination_of(request)
    return bool(destination) and not destination.startswith("/")


def _has_input(request: HttpRequest) -> bool:
    """Return True if the request has a body, parameters, or a text in its path."""
    match = request.resolver_match
    has_text = match is not None and any(isinstance(value, str) for value in match.kwargs.values())
    return request.method not in SAFE_METHODS or bool(request.GET) or has_text


def _names_no_field_of_a_form(exception: Exception) -> bool:
    """Return True if a model refuses a field that its form does not have, which no value of a request can cause."""
    frames = list(traceback.walk_tb(exception.__traceback__))
    return bool(frames) and frames[-1][0].f_code is BaseForm.add_error.__code__


def _packages(exception: Exception) -> Iterator[str]:
    """Yield the top-level package of each frame of the traceback, from the view to the place of the error."""
    for frame, _line in traceback.walk_tb(exception.__traceback__):
        yield frame.f_globals.get("__name__", "").partition(".")[0]

"""The fields of a form that a request has sent, if its body has been read.

Replaces: no code, but reads `_post`, in which `HttpRequest` of Django keeps the parsed form.
Why no hook serves: `request.POST` reads a body that has not been read yet, which an answer to an error must not do: the
    body may be long, and reading it may fail again. Django has no public attribute that says whether it has been read.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/test_middleware.py.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict


def read_form(request: HttpRequest) -> Any:
    """Return the fields of the form, or an empty QueryDict if the body has not been read as a form."""
    return getattr(request, "_post", QueryDict())

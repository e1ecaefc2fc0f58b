"""The screen between two requests of one change: it shows the progress, and sends the form again for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest
from django.template.response import TemplateResponse

# Errors with which a change is refused. `RefusedChangeMiddleware` shows their reasons.
REFUSALS = (ValidationError, ProtectedError, RestrictedError)
# The hidden field with the number of objects that former requests have changed.
DONE = "divided_change_done"
MAX_DIGITS = 9


@dataclass(frozen=True)
class ChangeProgress:
    """The numbers of objects that are changed, and of all objects of the change."""

    done: int
    total: int


def number_in(request: HttpRequest, name: str) -> int:
    """Return the number in a hidden field; 0 if there is none."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else 0


def show_refusal(request: HttpRequest, done: int) -> None:
    """Store on the request the number of objects that were changed before the refusal, for the message about it."""
    if done:
        request.number_changed = done  # type: ignore[attr-defined]


def continuation(
    request: HttpRequest, progress: ChangeProgress, *, title: Any, fields: Mapping[str, Any], url: str = ""
) -> TemplateResponse:
    """Return a page whose form sends all fields of the request again, some with new values. A script submits it.

    The messages of the request are kept for the last page.
    """
    posted = {name: request.POST.getlist(name) for name in request.POST if name != "csrfmiddlewaretoken"}
    sent = posted | {name: [str(value)] for name, value in fields.items()} | {DONE: [str(progress.done)]}
    context = {
        "title": title,
        "progress": progress,
        "action": url or request.get_full_path(),
        "fields": [(name, value) for name, values in sent.items() for value in values],
        "messages": (),
    }
    return TemplateResponse(request, "divided_changes/continuation.html", context)

"""Middleware that shows a refused change, and a damaged page, as a message instead of a server error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError
from django.db.models import Model, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.fields import StreamField
from wagtail.models import Page

from cms.media.uploads.storage_quota import UploadRefused
from sites.access.querysets import is_viewable_by
from sites.lifecycle.deletion_protection import DepartmentIsActive, deletion_refusal
from sites.models import Department

logger = logging.getLogger(__name__)

NAMES_SHOWN = 5
# Wagtail and Django raise them for rows that are missing, and for values that are not those of a block.
ERRORS_OF_DAMAGE = (ObjectDoesNotExist, AttributeError, LookupError, TypeError, ValueError)


class RefusedChangeMiddleware:
    """A handler of ValidationError and ProtectedError in admin views that do not catch them.

    It redirects to the referring page with the reasons as a message; the admin's API answers 409 with `message`.
    The page editor shows a ValidationError at its fields, but bulk actions, approvals, deletions and wagtail-localize
    have no such form. The transaction is rolled back. Earlier ones stay: the draft that wagtail-localize saves, and the
    objects that a divided change has changed, whose number the message names. The multiple uploader gets a refusal as
    it shows it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, ValidationError | ProtectedError) or not request.path.startswith(home):
            return None
        # wagtail-localize publishes after its transaction, so its draft is saved.
        is_saved = getattr(request, "is_draft_saved", False)
        number = getattr(request, "number_changed", 0)
        if is_saved:
            message_format = _("Saved as a draft, but not published: %(reasons)s")
        elif number:
            message_format = ngettext(
                "%(number)d was changed, the others were not: %(reasons)s",
                "%(number)d were changed, the others were not: %(reasons)s",
                number,
            )
        else:
            message_format = _("Nothing was changed: %(reasons)s")
        message = message_format % {"reasons": _reasons(exception, request.user), "number": number}
        if request.path.startswith(f"{home}api/"):
            return JsonResponse({"message": message}, status=409)
        if isinstance(exception, UploadRefused) and request.headers.get("X-Requested-With") == "XMLHttpRequest":
            reasons = _reasons(exception, request.user)
            form = format_html('<p class="error-message">{}</p>', reasons)
            return JsonResponse({"success": False, "error_message": escape(reasons), "form": form})
        # Drop the messages of changes that have been rolled back.
        list(messages.get_messages(request))
        messages.error(request, message)
        return HttpResponseRedirect(_referring_page(request) or home)


class DamagedPageMiddleware:
    """A handler of errors on screens of a page that is damaged: a row is missing, or a value cannot be read.

    It redirects to the list of pages above with a message; the admin's API answers 409 with `message`. The error is
    logged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, ERRORS_OF_DAMAGE) or not request.path.startswith(home):
            return None
        page = _named_page(request)
        if page is None or not is_damaged(page):
            return None
        logger.error("page %s is damaged: it cannot be opened at %s", page.pk, request.path, exc_info=exception)
        message = _(
            "“%(title)s” cannot be opened: a part of it is missing from the database or cannot be read. Its public "
            "version stays. Ask an administrator of the instance to restore it."
        ) % {"title": page.get_admin_display_title()}
        if request.path.startswith(f"{home}api/"):
            return JsonResponse({"message": message}, status=409)
        messages.error(request, message)
        parent = page.get_parent()
        return HttpResponseRedirect(reverse("wagtailadmin_explore", args=[parent.pk]) if parent else home)


def _named_page(request: HttpRequest) -> Page | None:
    """Return the page that the URL of a screen, or of the admin's API, names."""
    match = request.resolver_match
    if match is None:
        return None
    names: tuple[str, ...] = ("page_id", "parent_page_id", "page_to_move_id")
    if match.namespaces[-1:] in (["pages"], ["wagtailadmin_pages"]):
        names += ("pk",)
    # Some patterns are regular expressions, which give texts.
    keys = [str(match.kwargs[name]) for name in names if name in match.kwargs]
    return Page.objects.filter(pk=int(keys[0])).first() if keys and keys[0].isdecimal() else None


def is_damaged(page: Page) -> bool:
    """Return True if a row of a page is missing, or a value of one of its StreamFields cannot be read."""
    try:
        specific = page.specific
        for version in (specific, specific.get_latest_revision_as_object()):
            for field in specific._meta.concrete_fields:
                if isinstance(field, StreamField):
                    for child in getattr(version, field.name):
                        child.value  # noqa: B018 (reads it)
    except DatabaseError:
        raise
    except Exception:  # Each block raises errors of its own.
        return True
    return False


def _reasons(error: ValidationError | ProtectedError, user: Any) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, DepartmentIsActive):
        return str(error.args[0])
    for protected in error.protected_objects:
        if isinstance(protected, Department):
            return deletion_refusal(protected, protected)
    return _uses(list(error.protected_objects), user)


def _uses(objects: list[Model], user: Any) -> str:
    """Return what uses an object: the names of objects that the user may view, and the number of the others."""
    visible = [each for each in objects if is_viewable_by(type(each), each.pk, user)]
    quoted = _("%(kind)s “%(name)s”")
    names = sorted(quoted % {"kind": capfirst(each._meta.verbose_name), "name": _title(each)} for each in visible)
    listed = ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")
    hidden = len(objects) - len(visible)
    if names and hidden:
        message = _("It is used by %(names)s, and by %(number)d objects that you cannot see. Remove it there first.")
    elif names:
        message = _("It is used by %(names)s. Remove it there first.")
    else:
        message = _("It is used by %(number)d objects that you cannot see.")
    return message % {"names": listed, "number": hidden}


def _title(instance: Model) -> str:
    return instance.get_admin_display_title() if isinstance(instance, Page) else str(instance)


def _referring_page(request: HttpRequest) -> str:
    """Return path and query of the referring page, or "" if it is on another host or is the refused GET request."""
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(referrer)
    if request.method == "GET" and parts.path == request.path:
        return ""
    # A path that starts with two slashes would be another host.
    return escape_leading_slashes(parts._replace(scheme="", netloc="", fragment="").geturl())

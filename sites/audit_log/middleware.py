"""Middleware that records downloads from the admin, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from sites.access.capabilities import is_unrestricted
from sites.access.current_department import current_department

from .recording import Action, arguments_of_url, record, store_refusals
from .refusals import record_refusal

# Attribute of a request: a function that returns the departments of the object that its URL names.
DEPARTMENTS_OF_OBJECT = "_departments_of_object"
# An object of another department gets the same answer as one that does not exist.
REFUSALS = frozenset((HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND))


class AuditLogMiddleware:
    """Records each response of the admin that is a download, or that refuses access to somebody who is logged in.

    They are recognised by headers and status, so that a new export or screen is recorded without code of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and request.path_info.startswith(reverse("wagtailadmin_home")):
            if _is_download(response) and request.user.is_authenticated:
                _record_download(request, match.view_name, match.kwargs)
            elif response.status_code in REFUSALS and request.user.is_authenticated:
                _record_refusal(request, response.status_code, match.view_name)
        store_refusals(request)
        return response


def _is_download(response: HttpResponse) -> bool:
    is_attachment = response.get("Content-Disposition", "").startswith("attachment")
    return is_attachment and response.status_code == HTTPStatus.OK


def _record_refusal(request: HttpRequest, status: int, url_name: str) -> None:
    """Record a refusal of somebody who is logged in. Nothing is hidden from administrators of the instance by 404."""
    if status != HTTPStatus.NOT_FOUND or not is_unrestricted(request.user):
        record_refusal(request, request.user, url_name)


def _record_download(request: HttpRequest, url_name: str, arguments: dict[str, Any]) -> None:
    """Record a download in the log of the department of the object that the URL names.

    Without such an object it is a list of the current department, or of the instance.
    """
    find = getattr(request, DEPARTMENTS_OF_OBJECT, None)
    departments = list(find()) if find is not None else []
    for department in departments or [current_department(request)]:
        record(
            Action.DOWNLOAD,
            department=department,
            request=request,
            screen=url_name,
            format=request.GET.get("export", "")[:10],
            arguments=arguments_of_url(arguments),
        )

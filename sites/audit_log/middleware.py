"""Middleware that records downloads from the admin, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from sites.access.current_department import current_department

from .recording import Action, record, store_refusals


class AuditLogMiddleware:
    """Records each response of the admin that is a download.

    A download is recognised by its headers, so that a new export is recorded without code of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        store_refusals(request)
        match = request.resolver_match
        if match is None:
            return response
        if _is_download(request, response) and request.user.is_authenticated:
            _record_download(request, match.view_name, match.kwargs)
        return response


def _is_download(request: HttpRequest, response: HttpResponse) -> bool:
    is_attachment = response.get("Content-Disposition", "").startswith("attachment")
    return is_attachment and response.status_code == 200 and request.path_info.startswith(reverse("wagtailadmin_home"))


def _record_download(request: HttpRequest, url_name: str, arguments: dict[str, Any]) -> None:
    record(
        Action.DOWNLOAD,
        department=current_department(request),
        request=request,
        screen=url_name,
        format=request.GET.get("export", "")[:10],
        arguments={name: str(value)[:100] for name, value in arguments.items()},
    )

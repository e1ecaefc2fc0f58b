"""Shows a draft as the page that it would become (setting PREVIEW_RENDERER)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from cms.delivery.preview import draft_document

from .rendering import render_document
from .site_resolution import ResolvedSite


def render_preview(request: HttpRequest, page: Any) -> HttpResponse:
    """Return a draft in the reader's templates, marked as a preview; menu and lists show what is published.

    The request's host is made up by Wagtail and the browser stands on the administration's host: pages are linked
    by the address of the department's site, files and style sheets by their path alone.
    """
    data, department = draft_document(page)
    site = ResolvedSite(department, base_url=department.site.root_url, path=data["path"])
    return HttpResponse(render_document(site, data, owner=department, is_preview=True))

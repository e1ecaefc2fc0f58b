"""Preview of drafts (setting PREVIEW_RENDERER)."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse

from cms.delivery.documents.draft_documents import draft_document
from cms.hardening.security_headers import csp_nonce, reader_policy, set_policy

from .rendering import render_document
from .site_resolution import ResolvedSite


def render_preview(request: HttpRequest, page: Any) -> HttpResponse:
    """Return a draft rendered with the reader's templates and marked as a preview.

    The menu and the lists show published documents. Wagtail's preview request has no real host and the browser is on
    the host of the admin, so pages are linked by the absolute URL of the department's site, files by their path.
    """
    data, department = draft_document(page)
    site = ResolvedSite(department, base_url=department.site.root_url, path=data["path"])
    html = render_document(site, data, owner=department, is_preview=True, csp_nonce=csp_nonce(request))
    response = HttpResponse(html)
    # The admin shows the preview in a frame.
    set_policy(response, reader_policy(frame_ancestors=SELF))
    return response

"""The action of the dashboard that writes the document of a page again."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.models import Page

from .publisher import publish_own_pages
from .refresh_requests import queue_pages

logger = logging.getLogger(__name__)


@require_POST
def retry_publication(request: HttpRequest, page_id: int) -> HttpResponse:
    """Write the document of a page now, say if that succeeded, and redirect to the dashboard.

    `Access.PAGE_PUBLISHER` has checked that the user may publish the page. The background writes the documents that
    depend on the page, and that of the page itself if the database is busy.
    """
    page = get_object_or_404(Page, pk=page_id)
    queue_pages([page_id], urgent=True)
    try:
        errors = publish_own_pages([page_id])
    except DatabaseError:
        logger.exception("page %s is left to the background", page_id)
        messages.info(request, _("The site is busy. “%(title)s” is tried again in a moment.") % {"title": page.title})
    else:
        if errors:
            text = _("“%(title)s” still cannot be written to the public site. Change the page, or tell the operator.")
            messages.error(request, text % {"title": page.get_admin_display_title()})
        else:
            text = _("The public site shows the newest version of “%(title)s”.")
            messages.success(request, text % {"title": page.get_admin_display_title()})
    return redirect("wagtailadmin_home")

"""The dashboard's panel of the pages that could not be published, and of the progress of the background."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.models import Page

from sites.access.current_department import listed_for
from sites.dashboard.layout import TASKS
from sites.dashboard.list_panel import MAX_ROWS
from sites.dashboard.page_panels import listed_pages, page_dashboard_row

from .models import PublicationState, RefreshRequest


class PublicationPanel(Component):
    """The failed pages of the current department, and the number of its pages that wait for the background."""

    template_name = "delivery/publication_panel.html"
    order = TASKS - 10

    def __init__(self, waiting: int, failed: list[Page], user: Any) -> None:
        self.waiting = waiting
        self.failed = failed
        self.user = user

    def _retry_url(self, page: Page) -> str:
        """Return the URL that tries the page again; "" if the user may not publish it."""
        permissions = page.permissions_for_user(self.user)
        may_retry = permissions.can_publish() and not permissions.page_locked()
        return reverse("publication_retry", args=[page.pk]) if may_retry else ""

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {
            "heading": _("Publication"),
            "waiting": self.waiting,
            "failed": [(page_dashboard_row(page), self._retry_url(page)) for page in self.failed[:MAX_ROWS]],
            "csrf_token": parent_context.get("csrf_token"),
            "has_more": len(self.failed) > MAX_ROWS,
        }


def publication_panel(request: HttpRequest) -> PublicationPanel | None:
    """Return the panel, or None if nothing waits and nothing has failed. Two queries."""
    failed_ids = PublicationState.objects.exclude(failed_at=None).values("page_id")
    failed = list(listed_pages(request).filter(pk__in=failed_ids).order_by("pk")[: MAX_ROWS + 1])
    page_type = ContentType.objects.get_for_model(Page)
    waiting_ids = RefreshRequest.objects.filter(content_type=page_type).values("object_id")
    waiting = listed_for(Page.objects.filter(pk__in=waiting_ids), request).count()
    return PublicationPanel(waiting, failed, request.user) if waiting or failed else None

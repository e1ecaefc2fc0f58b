"""The dashboard's panel of the pages that are being sent to translation, and of those that could not be."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.models import Page

from cms.translations.models import RequestedTranslation
from sites.access.current_department import listed_for
from sites.dashboard.layout import TASKS
from sites.dashboard.list_panel import MAX_ROWS
from sites.dashboard.page_panels import listed_pages, page_dashboard_row


class PreparationPanel(Component):
    """The failed pages of the current department, and the number of its pages that wait for the background."""

    template_name = "translations/preparation_panel.html"
    order = TASKS - 7

    def __init__(self, waiting: int, failed: list[Page]) -> None:
        self.waiting = waiting
        self.failed = failed

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {
            "heading": _("Sent to translation"),
            "waiting": self.waiting,
            "failed": [page_dashboard_row(page) for page in self.failed[:MAX_ROWS]],
            "has_more": len(self.failed) > MAX_ROWS,
        }


def preparation_panel(request: HttpRequest) -> PreparationPanel | None:
    """Return the panel, or None if nothing waits and nothing has failed. One query if there are no requests."""
    if not RequestedTranslation.objects.exists():
        return None
    requests = RequestedTranslation.objects.values("page")
    waiting = listed_for(Page.objects.filter(pk__in=requests.filter(attempts=0)), request).count()
    failed = list(listed_pages(request).filter(pk__in=requests.exclude(attempts=0)).order_by("pk")[: MAX_ROWS + 1])
    return PreparationPanel(waiting, failed) if waiting or failed else None

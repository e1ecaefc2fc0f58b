"""The dashboard's panel of the machine drafts that a user has requested: the open ones and the failed ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from cms.translations.machine.services import offered_services
from cms.translations.models import DraftState, MachineDraft
from sites.access.current_department import current_department
from sites.dashboard.layout import TASKS
from sites.dashboard.list_panel import MAX_ROWS

from .draft_errors import error_message


class MachineDraftPanel(Component):
    """The failed drafts with their reasons, and the number of open ones."""

    template_name = "translations/machine_draft_panel.html"
    order = TASKS - 6

    def __init__(self, waiting: int, failed: list[MachineDraft]) -> None:
        self.waiting = waiting
        self.failed = failed

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {
            "heading": _("Machine drafts"),
            "waiting": self.waiting,
            "failed": [
                {
                    "title": draft.translation.source.object_repr,
                    "language": draft.translation.target_locale.get_display_name(),
                    "reason": error_message(draft),
                    "url": reverse("translation_editor", args=[draft.translation_id]),
                }
                for draft in self.failed[:MAX_ROWS]
            ],
            "has_more": len(self.failed) > MAX_ROWS,
        }


def draft_panel(request: HttpRequest) -> MachineDraftPanel | None:
    """Return the panel, or None if the user has no open or failed draft in the current department.

    Two queries if the instance offers a service, else none.
    """
    department = current_department(request)
    if department is None or not offered_services():
        return None
    own = MachineDraft.objects.filter(department=department, asked_by=request.user.pk)
    failed = (
        own.notable()
        .filter(state=DraftState.FAILED)
        .select_related("translation__source", "translation__target_locale")
    )
    found = list(failed.order_by("-finished_at", "pk")[: MAX_ROWS + 1])
    waiting = own.open().count()
    return MachineDraftPanel(waiting, found) if waiting or found else None

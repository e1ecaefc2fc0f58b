"""The panel of sharings that other departments propose."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sites.access.capabilities import departments_with_capability
from sites.access.current_department import current_department
from sites.models import Sharing
from sites.roles import Capability
from sites.sharing.shared_content import shared_contents
from sites.sharing.views import visible_title

from .list_panel import DashboardRow, ListPanel


class ProposalsPanel(ListPanel):
    """Proposals that wait for an answer of the current department, the oldest first."""

    name = "proposals"
    heading = gettext_lazy("Proposed by other departments")
    empty = gettext_lazy("No department waits for your answer.")

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        department = current_department(request)
        departments = [department] if department else departments_with_capability(request.user, Capability.SHARING)
        proposed = Sharing.objects.filter(department__in=departments, state=Sharing.State.PROPOSED)
        sharings = list(proposed.select_related("owner").order_by("proposed_at")[:limit])
        contents = shared_contents(sharings)
        return [
            DashboardRow(
                title=visible_title(contents.get(sharing.content_key), sharing, is_owner=False),
                url=reverse("sharing:detail", args=[sharing.pk]),
                note=_("by %(department)s") % {"department": sharing.owner.name},
                moment=sharing.proposed_at,
            )
            for sharing in sharings
        ]

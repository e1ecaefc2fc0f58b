"""The gauge of the quota on the dashboard."""

from __future__ import annotations

from typing import Any

from wagtail.admin.ui.components import Component

from sites.models import Department

from .storage_quota import storage_use


class StoragePanel(Component):
    """The part of a department's quota that its files take. One query."""

    template_name = "media/storage_panel.html"

    def __init__(self, order: int, department: Department) -> None:
        self.order = order
        self.department = department

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"use": storage_use(self.department)}

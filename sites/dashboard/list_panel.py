"""A panel of the dashboard: a short list of links under a heading, or a sentence that says there is nothing."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from wagtail.admin.ui.components import Component

SHOWN = 5


@dataclass(frozen=True)
class DashboardRow:
    """One line: a title with its address, the language it is in, a note, and the moment that matters."""

    title: str
    url: str
    language: str = ""
    note: str = ""
    moment: datetime.date | None = None


class ListPanel(Component):
    """Shows the first rows; `rows` is asked for one more than that, to tell whether there are others."""

    template_name = "cms_sites/list_panel.html"
    name: str
    heading: str | Promise
    empty: str | Promise

    def __init__(self, order: int) -> None:
        self.order = order

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        """Return at most `limit` rows, the most urgent first."""
        raise NotImplementedError

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        rows = self.rows(parent_context["request"], SHOWN + 1)
        return {"panel": self, "rows": rows[:SHOWN], "has_more": len(rows) > SHOWN}

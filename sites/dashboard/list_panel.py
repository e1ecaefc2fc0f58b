"""Base class of the dashboard's panels that show a short list of links."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from wagtail.admin.ui.components import Component

MAX_ROWS = 5


@dataclass(frozen=True)
class DashboardRow:
    """One line of a panel: a title with its URL, the language of the content, a note, and a date."""

    title: str
    url: str
    language: str = ""
    note: str = ""
    moment: datetime.date | None = None


class ListPanel(Component):
    """A heading and the first rows, or the text `empty` if there are none.

    `rows` is called with a limit of one row more than the panel shows, to find out if there are others.
    """

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
        rows = self.rows(parent_context["request"], MAX_ROWS + 1)
        return {"panel": self, "rows": rows[:MAX_ROWS], "has_more": len(rows) > MAX_ROWS}

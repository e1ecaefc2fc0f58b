"""The screen on which an action on selected cells of the board is confirmed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from sites.access.current_department import current_department
from sites.admin.access_control.page_counts import MAX_PAGES

from .action_forms import ActionForm
from .bulk_actions import ACTIONS, BoardAction, BulkActionResult
from .cell_selection import FIELD, SelectedCell, selected_cells, selected_keys

FILTERS = "filters"
CONFIRMED = "confirmed"


class BoardActionView(WagtailAdminTemplateMixin, TemplateView):
    """The screen of the selected cells with the form of an action, which it performs after the confirmation.

    The form of the board, and the link of one cell, only name the cells. Raises Http404 for an unknown action and for
    cells that the user does not see, and PermissionDenied for an action that the user may not use. At most MAX_PAGES
    cells are changed at once, in the transaction of the request.
    """

    template_name = "translations/board_action.html"
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        action = ACTIONS.get(kwargs["action"])
        if action is None:
            raise Http404
        self.action: BoardAction = action
        number = len(selected_keys(request))
        if number == 0:
            messages.error(request, _("Select at least one translation."))
            return redirect(self.board_url)
        if number > MAX_PAGES:
            message = _("More than %(number)d translations cannot be changed at once. Select fewer.")
            messages.error(request, message % {"number": MAX_PAGES})
            return redirect(self.board_url)
        self.cells: list[SelectedCell] = selected_cells(request)
        if not action.is_open_to(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def form(self) -> ActionForm:
        is_confirmed = self.request.method == "POST" and CONFIRMED in self.request.POST
        department = current_department(self.request)
        if department is None:
            raise PermissionDenied
        data = self.request.POST if is_confirmed else None
        return self.action.form_class(data, department=department, cells=self.cells)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.form.is_valid():  # An unbound form is not valid either: the cells were only selected.
            return self.render_to_response(self.get_context_data())
        try:
            self._show_outcome(self.action.perform(request, self.cells, self.form))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return self.render_to_response(self.get_context_data())
        return redirect(self.board_url)

    def _show_outcome(self, outcome: BulkActionResult) -> None:
        if outcome.done:
            messages.success(self.request, self.action.done(outcome.done))
        if outcome.incomplete:
            message = _("Not all texts are translated yet: %(translations)s.")
            messages.warning(self.request, message % {"translations": ", ".join(map(str, outcome.incomplete))})
        for reason, cells in outcome.refused.items():
            values = {"reason": reason, "translations": ", ".join(map(str, cells))}
            messages.warning(self.request, _("Not done: %(translations)s. %(reason)s") % values)

    @property
    def board_url(self) -> str:
        """The board with the filters from which the user has come."""
        filters = QueryDict(self._filters).urlencode()
        return reverse("translation_board") + (f"?{filters}" if filters else "")

    @property
    def _filters(self) -> str:
        return self.request.POST.get(FILTERS) or self.request.GET.get(FILTERS, "")

    def get_page_title(self) -> str:
        return str(self.action.label)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        board = {"url": self.board_url, "label": _("Translations")}
        return [*super().get_breadcrumbs_items(), board, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "form": self.form,
            "cells": self.cells,
            "field": FIELD,
            "confirmed": CONFIRMED,
            "filters": self._filters,
            "board_url": self.board_url,
            "media": self.form.media,
        }

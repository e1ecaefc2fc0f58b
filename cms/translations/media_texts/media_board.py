"""The second part of the board: media and snippets by language, with filters and CSV."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.models import Locale

from cms.translations.board.cells import board_languages
from cms.translations.board.states import BoardState
from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.roles import Capability

from .media_rows import OtherRow, RowRights, load_rows

ROWS_ON_A_PAGE = 50
STATES = (
    BoardState.MISSING,
    BoardState.IN_PROGRESS,
    BoardState.AWAITING_REVIEW,
    BoardState.OUTDATED,
    BoardState.MACHINE,
    BoardState.PUBLISHED,
)


class MediaBoardFilters(forms.Form):
    """Filters the rows that have a cell to which all chosen values apply."""

    kind = forms.ChoiceField(label=gettext_lazy("Type"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, *args: Any, kinds: dict[str, str], languages: list[Locale], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "kind": list(kinds.items()),
            "language": [(locale.language_code, locale.get_display_name()) for locale in languages],
            "state": [(state.value, state.label) for state in STATES],
        }
        for name, values in choices.items():
            field: Any = self.fields[name]
            field.choices = [("", _("All")), *values]

    def applies(self, row: OtherRow, languages: list[Locale]) -> bool:
        """Return True if the row has the kind, and a cell of the language in the state. An unknown value is ignored."""
        self.is_valid()
        values = self.cleaned_data
        if values.get("kind") and row.kind != values["kind"]:
            return False
        wanted = [each for each in languages if values.get("language", "") in ("", each.language_code)]
        return not values.get("state") or any(row.cells[each.pk].state == values["state"] for each in wanted)


class MediaBoardView(SpreadsheetExportMixin, WagtailAdminTemplateMixin, TemplateView):
    """The media and snippets of the current department. Raises PermissionDenied for a user without a language.

    The number of queries does not depend on the number of contents.
    """

    template_name = "translations/media_board.html"
    page_title = gettext_lazy("Translations of media and snippets")
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options"]
    export_filename = "media-translations"
    # Followed by the columns of the languages of the user.
    list_export = ["kind_label", "title", "original"]
    export_headings: dict[str, Any] = {
        "kind_label": gettext_lazy("Type"), "title": gettext_lazy("Content"), "original": gettext_lazy("Original"),
    }  # fmt: skip

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.department: Any = current_department(request)
        if self.department is None or not self.languages:
            raise PermissionDenied
        languages = {f"cells.{locale.pk}": locale.get_display_name() for locale in self.languages}
        self.list_export, self.export_headings = [*self.list_export, *languages], self.export_headings | languages
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def languages(self) -> list[Locale]:
        return board_languages(self.request)

    @cached_property
    def all_rows(self) -> list[OtherRow]:
        query = self.request.GET.copy()
        query.pop("export", None)
        rights = RowRights(
            has_capability(self.request.user, Capability.SNIPPETS, self.department), filters=query.urlencode()
        )
        return load_rows(self.department, self.languages, rights)

    @cached_property
    def filters(self) -> MediaBoardFilters:
        kinds = {row.kind: row.kind_label for row in self.all_rows}
        return MediaBoardFilters(self.request.GET, kinds=kinds, languages=self.languages)

    @cached_property
    def rows(self) -> list[OtherRow]:
        return [row for row in self.all_rows if self.filters.applies(row, self.languages)]

    def to_row_dict(self, item: OtherRow) -> dict[str, Any]:
        fixed = {"kind_label": item.kind_label, "title": item.title, "original": item.original}
        return fixed | {f"cells.{locale.pk}": str(item.cells[locale.pk]) for locale in self.languages}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_export:
            response: HttpResponse = self.as_spreadsheet(self.rows, request.GET["export"])
            return response
        return self.render_to_response(self.get_context_data())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        board = {"url": reverse("translation_board"), "label": _("Translations")}
        return [*super().get_breadcrumbs_items(), board, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paginator = Paginator(self.rows, ROWS_ON_A_PAGE)
        page = paginator.get_page(self.request.GET.get("p"))
        shown = [(row, [(locale, row.cells[locale.pk]) for locale in self.languages]) for row in page]
        return super().get_context_data(**kwargs) | {
            "filters_form": self.filters,
            "languages": self.languages,
            "source_locale": self.department.source_locale,
            "rows": shown,
            "page": page,
            "elided_page_range": paginator.get_elided_page_range(page.number),
        }

"""The board as a report: one row for each content, one column for each language, filters, and CSV."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Locale, Page

from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.roles import Capability

from .action_views import BoardActionView
from .assignments import CellKey
from .board_filters import BoardFilterSet
from .bulk_actions import actions_for
from .cells import Cell, board_languages, board_originals, load_cells
from .states import BoardState


class LanguageColumn(BaseColumn):
    """The cells of one language."""

    header_template_name = "translations/board_header.html"
    cell_template_name = "translations/board_cell.html"

    def __init__(self, locale: Locale) -> None:
        super().__init__(f"language-{locale.language_code}", label=locale.get_display_name())
        self.locale = locale

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"cell": instance.cells[self.locale.pk], "language": self.label}


@dataclass(frozen=True)
class ReleaseCell:
    """The release of a content: whether it is planned, and how many of its languages are approved."""

    url: str
    is_planned: bool
    languages: int
    approved: int


def release_cell(page: Page, cells: Mapping[CellKey, Cell], locales: Collection[int]) -> ReleaseCell | None:
    """Return the release of a content, or None if there is nothing to release."""
    begun = [cell for locale in locales if (cell := cells[page.pk, locale]).is_begun and cell.progress is not None]
    is_planned = any(cell.is_in_release for cell in begun)
    if not begun or not (is_planned or page.has_unpublished_changes or not page.live):
        return None
    url = reverse("translation_release", args=[page.pk])
    return ReleaseCell(url, is_planned, len(begun), sum(cell.state == BoardState.APPROVED for cell in begun))


class ReleaseColumn(BaseColumn):
    """The releases that are planned or possible."""

    cell_template_name = "translations/board_release.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"release": instance.release}


class TranslationBoard(ReportView):
    """The board of the current department. The number of queries does not depend on the number of contents."""

    model = Page
    page_title = gettext_lazy("Translations")
    header_icon = "wagtail-localize-language"
    results_template_name = "translations/board_results.html"
    index_url_name = "translation_board"
    index_results_url_name = "translation_board_results"
    filterset_class = BoardFilterSet
    is_searchable = True
    search_fields = ("title",)
    search_backend_name = None
    default_ordering = "title"
    # Followed by the columns of the languages of the user.
    list_export = ["title", "page_type_display_name"]
    export_headings: dict[str, Any] = {"title": gettext_lazy("Content"), "page_type_display_name": gettext_lazy("Type")}

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        headings: dict[str, str] = {}
        for locale in self.languages:
            headings |= _export_columns(locale)
        self.list_export = [*self.list_export, *headings]
        self.export_headings = self.export_headings | headings

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.languages:
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @cached_property
    def languages(self) -> list[Locale]:
        return board_languages(self.request)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            TitleColumn("title", label=_("Content"), accessor="title", get_url=self._original_url, sort_key="title"),
            Column("type", label=_("Type"), accessor=lambda page: page.page_type_display_name),
            *map(LanguageColumn, self.languages),
            *([ReleaseColumn("release", label=_("Release"))] if self.may_release else []),
        ]

    @cached_property
    def may_release(self) -> bool:
        """True if the user prepares releases in the current department."""
        return has_capability(self.request.user, Capability.TRANSLATION, current_department(self.request))

    def get_base_queryset(self) -> QuerySet[Page]:
        department = current_department(self.request)
        if department is None:
            raise PermissionDenied
        return board_originals(self.request, department, self.languages)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return context | {"board_actions": actions_for(self.request), "board_filters": self.request.GET.urlencode()}

    def _original_url(self, page: Page) -> str | None:
        if page.permissions_for_user(self.request.user).can_edit():
            return reverse("wagtailadmin_pages:edit", args=[page.pk])
        return None

    def decorate_paginated_queryset(self, object_list: Iterable[Page]) -> list[Page]:
        """Give each page its `cells`, by key of the language, and the values of its columns in a download."""
        pages = list(object_list)
        cells = load_cells(self.request, pages, self.languages)
        for page in pages:
            page.cells = {locale.pk: cells[page.pk, locale.pk] for locale in self.languages}
            page.release = release_cell(page, cells, list(page.cells)) if self.may_release else None
            for locale in self.languages:
                cell = page.cells[locale.pk]
                since = timezone.localdate(cell.since) if cell.since is not None else None
                words = cell.words_to_do if cell.progress is not None else None  # Not counted before it is requested.
                values = (str(cell), since, words, cell.assignee, cell.assignment.due_on)
                for name, value in zip(_export_columns(locale), values, strict=True):
                    setattr(page, name, value)
        return pages


def _export_columns(locale: Locale) -> dict[str, str]:
    """Return the attributes of a page that a download has for one language, with their headings."""
    language, code = {"language": locale.get_display_name()}, locale.language_code
    return {
        f"cell_{code}": locale.get_display_name(),
        f"since_{code}": _("%(language)s: since") % language,
        f"words_{code}": _("%(language)s: words to do") % language,
        f"assignee_{code}": _("%(language)s: assigned to") % language,
        f"due_{code}": _("%(language)s: due on") % language,
    }


urlpatterns: list[URLPattern] = [
    path("", TranslationBoard.as_view(), name="translation_board"),
    path("results/", TranslationBoard.as_view(results_only=True), name="translation_board_results"),
    path("selected/<str:action>/", BoardActionView.as_view(), name="translation_board_action"),
]

"""The board as a report: one row for each content, one column for each language, filters, and CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Locale, Page

from cms.content_types.registry import document_types
from cms.translations.board.dashboard_panels import languages_translated_by
from cms.translations.models import TranslationProgress
from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.roles import Capability

from .states import BoardEntry, BoardState, load_entries, originals, originals_for_partners


def board_languages(request: HttpRequest) -> list[Locale]:
    """Return the languages of the current department that the user sees on the board.

    These are all languages of translation for members who write or publish, and their own ones for partners.
    """
    department = current_department(request)
    if department is None:
        return []
    rows = department.department_locales.filter(is_source=False).select_related("locale")
    if not has_capability(request.user, Capability.TRANSLATION, department):
        rows = rows.filter(locale__in=languages_translated_by(request.user, department))
    return [row.locale for row in rows.order_by("locale__language_code")]


@dataclass(frozen=True)
class Cell:
    """A content in one language. `url` is the screen that goes on with it, or "" if the user may not use it."""

    state: BoardState
    progress: TranslationProgress | None
    url: str
    is_begun: bool
    failure: str = ""

    @property
    def detail(self) -> str:
        """Why the translation cannot be updated, or the number of texts that are translated or outdated, or ""."""
        counts = self.progress
        if self.failure:
            return self.failure
        if counts is None:
            return ""
        if self.state == BoardState.OUTDATED:
            number = max(counts.outdated, counts.public_outdated)
            return ngettext("%(number)d text", "%(number)d texts", number) % {"number": number}
        return f"{counts.translated} / {counts.segments}" if counts.translated < counts.segments else ""

    def __str__(self) -> str:
        return f"{self.state.label} ({self.detail})" if self.detail else str(self.state.label)


class LanguageColumn(BaseColumn):
    """The cells of one language."""

    cell_template_name = "translations/board_cell.html"

    def __init__(self, locale: Locale) -> None:
        super().__init__(f"language-{locale.language_code}", label=locale.get_display_name())
        self.locale = locale

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"cell": instance.cells[self.locale.pk], "language": self.label}


class BoardFilterSet(WagtailFilterSet):
    """Filters by type of content, language and state; the state is that in the chosen language, or in any."""

    content_type = ChoiceFilter(label=_("Type"), method="filter_type", choices=lambda: type_choices())
    language = ChoiceFilter(label=_("Language"), method="filter_language", choices=[])
    state = ChoiceFilter(label=_("State"), method="filter_language", choices=BoardState.choices)

    class Meta:
        model = Page
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = board_languages(self.request)
        choices = [(locale.language_code, locale.get_display_name()) for locale in self.languages]
        self.filters["language"].extra["choices"] = choices

    def filter_type(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        app_label, model = next(each.model for each in document_types() if each.name == value).lower().split(".")
        return queryset.filter(content_type__app_label=app_label, content_type__model=model)

    def filter_language(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Filter by state and language together; without a state, keep what is to do in the language."""
        state, code = (self.form.cleaned_data.get(name) for name in ("state", "language"))
        if name == "language" and state:
            return queryset  # Filtered by the state.
        department = current_department(self.request)
        if department is None:
            return queryset.none()
        locales = [locale for locale in self.languages if code in ("", None, locale.language_code)]
        entries = load_entries(department, locales)
        found = [
            pk
            for pk, key in queryset.values_list("pk", "translation_key")
            if any(_is_in_state(entries.get((key, locale.pk)), state) for locale in locales)
        ]
        return queryset.filter(pk__in=found)


def _is_in_state(entry: BoardEntry | None, state: str | None) -> bool:
    """Return True if a translation is in the state; without one, if anything is to do."""
    present = BoardState.MISSING if entry is None else entry.state
    return present == state if state else present != BoardState.PUBLISHED


def type_choices() -> list[tuple[str, Any]]:
    """Return the names and labels of the content types, without the home page, which exists in every language."""
    return [(each.name, each.label) for each in document_types() if each.name != "home"]


class TranslationBoard(ReportView):
    """The board of the current department. The number of queries does not depend on the number of contents."""

    model = Page
    page_title = _("Translations")
    header_icon = "wagtail-localize-language"
    index_url_name = "translation_board"
    index_results_url_name = "translation_board_results"
    filterset_class = BoardFilterSet
    is_searchable = True
    search_fields = ("title",)
    search_backend_name = None
    default_ordering = "title"
    # Followed by the languages of the user.
    list_export = ["title", "page_type_display_name"]
    export_headings = {"title": _("Content"), "page_type_display_name": _("Type")}

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        languages = {f"cell_{locale.language_code}": locale.get_display_name() for locale in self.languages}
        self.list_export = [*self.list_export, *languages]
        self.export_headings = self.export_headings | languages

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
        ]

    def get_base_queryset(self) -> QuerySet[Page]:
        department = current_department(self.request)
        if department is None:
            raise PermissionDenied
        if has_capability(self.request.user, Capability.DRAFTS, department):
            return originals(department)
        return originals_for_partners(department, self.languages)

    def _original_url(self, page: Page) -> str | None:
        if page.permissions_for_user(self.request.user).can_edit():
            return reverse("wagtailadmin_pages:edit", args=[page.pk])
        return None

    def decorate_paginated_queryset(self, object_list: Iterable[Page]) -> list[Page]:
        """Give each page its `cells`, by key of the language. Five queries."""
        pages = list(object_list)
        department = current_department(self.request)
        entries = {}
        if department is not None:
            entries = load_entries(department, self.languages, [page.translation_key for page in pages])
        may_request = has_capability(self.request.user, Capability.TRANSLATION, department)
        for page in pages:
            page.cells = {
                locale.pk: self._cell(page, entries.get((page.translation_key, locale.pk)), may_request)
                for locale in self.languages
            }
            for locale in self.languages:
                setattr(page, f"cell_{locale.language_code}", str(page.cells[locale.pk]))
        return pages

    def _cell(self, original: Page, entry: BoardEntry | None, may_request: bool) -> Cell:
        if entry is not None:
            if entry.progress is not None:
                url = reverse("translation_editor", args=[entry.progress.pk])
            else:
                url = reverse("wagtailadmin_pages:edit", args=[entry.page_id])
            return Cell(entry.state, entry.progress, url, is_begun=True, failure=entry.failure)
        url = reverse("translation_submit_page", args=[original.pk]) if may_request else ""
        return Cell(BoardState.MISSING, None, url, is_begun=False)


urlpatterns: list[URLPattern] = [
    path("", TranslationBoard.as_view(), name="translation_board"),
    path("results/", TranslationBoard.as_view(results_only=True), name="translation_board_results"),
]

"""Panels of translations: progress by language, and the pages that a translator can continue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import Component
from wagtail.models import Locale, Page

from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.access.ownership import CONTAINER_DEPTH
from sites.dashboard.layout import INFORMATION, TASKS
from sites.dashboard.list_panel import DashboardRow, ListPanel
from sites.dashboard.page_panels import as_specific, page_dashboard_row
from sites.models import Department, DepartmentGroup
from sites.roles import ROLES, Capability

from .states import BoardState, load_entries, originals


@dataclass(frozen=True)
class Progress:
    """Numbers of pages in one language, among those that are published in the source language."""

    language: str
    home_url: str
    up_to_date: int
    out_of_date: int
    begun: int
    missing: int


def translation_progress(department: Department) -> list[Progress]:
    """Return the progress of each language of translation, in a fixed number of queries."""
    languages = list(department.department_locales.select_related("locale"))
    locales = [language.locale for language in languages if not language.is_source]
    homes = dict(
        Page.objects.filter(path__startswith=department.container.path, depth=CONTAINER_DEPTH + 1).values_list(
            "locale", "pk"
        )
    )
    published = set(originals(department).filter(live=True).order_by().values_list("translation_key", flat=True))
    counts: dict[int, Counter[str]] = {locale.pk: Counter() for locale in locales}
    for (key, locale_id), entry in load_entries(department, locales).items():
        if key in published:
            counts[locale_id][COUNTED_AS[entry.state]] += 1
    return [_progress(locale, homes.get(locale.pk), counts[locale.pk], len(published)) for locale in locales]


# The column of the panel in which each state is counted.
COUNTED_AS = {
    BoardState.PUBLISHED: "up_to_date",
    BoardState.MACHINE: "up_to_date",
    BoardState.FAILED: "out_of_date",
    BoardState.OUTDATED: "out_of_date",
    BoardState.INCOMPLETE: "out_of_date",
    BoardState.AWAITING_REVIEW: "begun",
    BoardState.IN_PROGRESS: "begun",
}


def _progress(locale: Locale, home: int | None, counts: Counter[str], total: int) -> Progress:
    up_to_date, out_of_date, begun = (counts[name] for name in ("up_to_date", "out_of_date", "begun"))
    return Progress(
        language=locale.get_display_name(),
        home_url=reverse("wagtailadmin_explore", args=[home]) if home else "",
        up_to_date=up_to_date,
        out_of_date=out_of_date,
        begun=begun,
        missing=total - up_to_date - out_of_date - begun,
    )


class TranslationPanel(Component):
    """A table of the languages of the current department; empty for one language and without a current department."""

    template_name = "translations/translation_panel.html"
    name = "translations"

    def __init__(self, order: int) -> None:
        self.order = order

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        department = current_department(parent_context["request"])
        return {"progress": translation_progress(department) if department else [], "department": department}


class ToTranslatePanel(ListPanel):
    """Translations in the user's languages that are not published or out of date."""

    name = "to-translate"
    heading = gettext_lazy("To translate")
    empty = gettext_lazy("Every translation begun in your language is published and up to date.")

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        department = current_department(request)
        if department is None:
            return []
        locales = list(Locale.objects.filter(pk__in=languages_translated_by(request.user, department)))
        entries = load_entries(department, locales).values()
        unfinished = [entry.page_id for entry in entries if COUNTED_AS[entry.state] != "up_to_date"]
        sources = originals(department).filter(live=True, translation_key=OuterRef("translation_key")).order_by()
        pages = Page.objects.filter(pk__in=[entry.page_id for entry in entries]).annotate(
            source_published_at=Subquery(sources.values("last_published_at")[:1])
        )
        is_behind = Q(pk__in=unfinished) | Q(has_unpublished_changes=True)
        editors = {
            entry.page_id: reverse("translation_editor", args=[entry.progress.pk])
            for entry in entries
            if entry.progress is not None
        }
        behind = as_specific(pages.filter(is_behind, source_published_at__isnull=False))
        return [
            page_dashboard_row(
                page,
                url=editors.get(page.pk, ""),
                note=_("not published yet") if not page.live else _("to bring up to date"),
            )
            for page in behind.order_by("live", "-source_published_at")[:limit]
        ]


def translation_panels(request: HttpRequest) -> list[Component]:
    """Return the panels of translations that concern the user in the current department."""
    department = current_department(request)
    is_partner = department is not None and languages_translated_by(request.user, department).exists()
    panels: list[Component] = [ToTranslatePanel(TASKS + 10)] if is_partner else []
    if is_partner or has_capability(request.user, Capability.TRANSLATION, department):
        panels.append(TranslationPanel(INFORMATION))
    return panels


def languages_translated_by(user: Any, department: Department) -> QuerySet[Any, Any]:
    """Return the keys of the locales in which the user is a translator or reviewer of the department."""
    partners = [role.key for role in ROLES if role.for_each_locale]
    groups = DepartmentGroup.objects.filter(group__user=user.pk, department=department, role__in=partners)
    return groups.values("locale")

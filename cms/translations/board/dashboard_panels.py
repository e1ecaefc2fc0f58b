"""Panels of translations: progress by language, and the queue of a translator."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
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
from sites.roles import Capability

from .assignments import PARTNER_ROLES, Assignment, load_assignments, names_of
from .states import BoardState, load_entries, originals


@dataclass(frozen=True)
class PublishedProgress:
    """Numbers of pages in one language, among those that are published in the source language."""

    language: str
    home_url: str
    up_to_date: int
    out_of_date: int
    begun: int
    missing: int


def translation_progress(department: Department) -> list[PublishedProgress]:
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
            counts[locale_id][COUNTED_AS[entry.public_state or entry.state]] += 1
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
    BoardState.RELEASE: "begun",
    BoardState.APPROVED: "begun",
    BoardState.DECLINED: "missing",
}


def _progress(locale: Locale, home: int | None, counts: Counter[str], total: int) -> PublishedProgress:
    up_to_date, out_of_date, begun = (counts[name] for name in ("up_to_date", "out_of_date", "begun"))
    return PublishedProgress(
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
    """Translations in the user's languages that are not published or out of date: the queue of a translator.

    Those that are assigned to the user come first, by due date; those of others last.
    """

    name = "to-translate"
    heading = gettext_lazy("To translate")
    empty = gettext_lazy("Every translation begun in your language is published and up to date.")

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        department = current_department(request)
        if department is None:
            return []
        locales = list(Locale.objects.filter(pk__in=languages_translated_by(request.user, department)))
        entries = load_entries(department, locales)
        assignments = load_assignments(department, locales)
        sources = {key: (pk, at) for pk, key, at in originals(department).values_list(*SOURCE_FIELDS)}
        rows = Page.objects.filter(pk__in=[entry.page_id for entry in entries.values()])
        status = {pk: rest for pk, *rest in rows.values_list("pk", "live", "has_unpublished_changes")}
        queue = []
        for (key, locale), entry in entries.items():
            source, published_at = sources.get(key, (None, None))
            assignment = assignments.get((source, locale), Assignment()) if source is not None else Assignment()
            is_mine = assignment.assignee == request.user.pk
            is_live, is_changed = status[entry.page_id]
            is_finished = COUNTED_AS[entry.state] == "up_to_date" and not is_changed
            is_finished = is_finished or entry.state in (BoardState.DECLINED, BoardState.APPROVED)
            # Nobody has to translate a draft, unless it is assigned.
            if source is not None and not is_finished and (published_at is not None or is_mine):
                rank = 0 if is_mine else 1 if assignment.assignee is None else 2
                age = -published_at.timestamp() if published_at is not None else 0
                order = (rank, assignment.due_on or datetime.date.max, is_live, age)
                queue.append((order, entry, assignment))
        queue.sort(key=lambda row: row[0])
        first = queue[:limit]
        pages = as_specific(Page.objects.filter(pk__in=[entry.page_id for _order, entry, _assignment in first]))
        found = pages.in_bulk()
        names = names_of(each.assignee for _order, _entry, each in first if each.assignee is not None)
        return [
            page_dashboard_row(
                found[entry.page_id],
                url=reverse("translation_editor", args=[entry.progress.pk]) if entry.progress is not None else "",
                note=", ".join(_notes(found[entry.page_id], assignment, names, request.user)),
            )
            for _order, entry, assignment in first
            if entry.page_id in found
        ]


SOURCE_FIELDS = ("pk", "translation_key", "last_published_at")


def _notes(page: Page, assignment: Assignment, names: Mapping[int, str], user: Any) -> Iterator[str]:
    """Yield the state of a translation in the queue, its assignee and its due date."""
    yield _("to bring up to date") if page.live else _("not published yet")
    if assignment.assignee == user.pk:
        yield _("assigned to you")
    elif assignment.assignee is not None and assignment.assignee in names:
        yield _("assigned to %(person)s") % {"person": names[assignment.assignee]}
    if assignment.due_on is not None:
        text = _("overdue since %(date)s") if assignment.is_overdue else _("due on %(date)s")
        yield text % {"date": date_format(assignment.due_on, "SHORT_DATE_FORMAT")}


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
    groups = DepartmentGroup.objects.filter(group__user=user.pk, department=department, role__in=PARTNER_ROLES)
    return groups.values("locale")

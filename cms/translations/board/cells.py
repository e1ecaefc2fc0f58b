"""The cells of the board: a content in one language, with its state, its assignee and its due date."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from wagtail.models import Locale, Page

from cms.translations.drafts.draft_errors import load_draft_notes
from cms.translations.models import RequestedTranslation, TranslationProgress
from sites.access.capabilities import has_capability, is_unrestricted
from sites.access.current_department import current_department
from sites.models import Department, DepartmentGroup
from sites.roles import ROLES, Capability

from .assignments import Assignment, CellKey, load_assignments, names_of
from .dashboard_panels import languages_translated_by
from .declines import Decline, load_declines
from .states import BoardEntry, BoardState, load_entries, originals, originals_for_partners

PUBLISHING_ROLES = tuple(role.key for role in ROLES if "publish" in role.page_permissions)
# Attribute of a request: the languages that the user sees on the board, by key of the department.
LANGUAGES = "_board_languages"


def board_languages(request: HttpRequest) -> list[Locale]:
    """Return the languages of the current department that the user sees on the board.

    These are all languages of translation for members who write or publish, and their own ones for partners.
    """
    department = current_department(request)
    if department is None:
        return []
    # Two entries of the menu ask for them on every screen.
    found: dict[int, list[Locale]] = getattr(request, LANGUAGES, {})
    if department.pk not in found:
        found[department.pk] = _languages_of(request.user, department)
        setattr(request, LANGUAGES, found)
    return found[department.pk]


def _languages_of(user: Any, department: Department) -> list[Locale]:
    if has_capability(user, Capability.TRANSLATION, department):
        return [row.locale for row in department.languages if not row.is_source]
    own = languages_translated_by(user, department)
    rows = department.department_locales.filter(is_source=False, locale__in=own).select_related("locale")
    return [row.locale for row in rows.order_by("locale__language_code")]


def board_originals(request: HttpRequest, department: Department, languages: Collection[Locale]) -> QuerySet[Page]:
    """Return the pages of a department in its source language that the user sees on the board."""
    if has_capability(request.user, Capability.DRAFTS, department):
        return originals(department)
    return originals_for_partners(department, languages)


@dataclass(frozen=True)
class Cell:
    """A content in one language. `url` is the screen that goes on with it, or "" if the user may not use it.

    `assign_url` is the screen of its assignment, or "" if the user may not assign it; `guests_url` that of its guest
    links while it waits for approval, or "" if the user does not review the language. `page_id` is None for a page that
    does not exist yet in this language, and `assignee` is "" if nobody is assigned.
    """

    original_id: int
    locale_id: int
    state: BoardState
    page_id: int | None = None
    progress: TranslationProgress | None = None
    assignment: Assignment = field(default_factory=Assignment)
    assignee: str = ""
    is_requested: bool = False
    failure: str = ""
    draft_note: str = ""
    since: datetime.datetime | None = None
    decline: Decline | None = None
    declined_by: str = ""
    url: str = ""
    assign_url: str = ""
    is_in_release: bool = False
    guests_url: str = ""

    @property
    def has_waited_for_days(self) -> bool:
        """True if something has been to do for a day or longer."""
        if self.since is None or self.state == BoardState.PUBLISHED:
            return False
        return timezone.now() - self.since >= datetime.timedelta(days=1)

    @property
    def key(self) -> str:
        """The value of the cell's checkbox, which `cms.translations.board.cell_selection` reads."""
        return f"{self.original_id}-{self.locale_id}"

    @property
    def is_begun(self) -> bool:
        return self.page_id is not None

    @property
    def is_overdue(self) -> bool:
        return self.assignment.is_overdue and self.state not in (BoardState.PUBLISHED, BoardState.DECLINED)

    @property
    def words_to_do(self) -> int:
        return self.progress.words_to_do if self.progress is not None else 0

    @property
    def machine_texts(self) -> int:
        """The number of texts of a machine that nobody has checked, unless the state says it."""
        return self.progress.machine if self.progress is not None and self.state != BoardState.MACHINE else 0

    @property
    def detail(self) -> str:
        """The reason of a decline or a failed update, or the number of texts that are translated or outdated, or ""."""
        counts = self.progress
        if self.decline is not None:
            return self.decline.reason
        if self.failure:
            return self.failure
        if counts is None:
            return ""
        if self.is_in_release:
            return f"{max(counts.translated - counts.outdated, 0)} / {counts.segments}"
        if self.state == BoardState.OUTDATED:
            number = max(counts.outdated, counts.public_outdated)
            return ngettext("%(number)d text", "%(number)d texts", number) % {"number": number}
        return f"{counts.translated} / {counts.segments}" if counts.translated < counts.segments else ""

    def __str__(self) -> str:
        return f"{self.state.label} ({self.detail})" if self.detail else str(self.state.label)


def load_cells(request: HttpRequest, pages: Iterable[Page], languages: Collection[Locale]) -> dict[CellKey, Cell]:
    """Return the cells of pages in the source language of the current department. Thirteen queries.

    The filters of the board, which are in the query of the request, are handed on to the screens of assignments.
    """
    pages = list(pages)
    department = current_department(request)
    if department is None or not pages:
        return {}
    entries = load_entries(department, languages, [page.translation_key for page in pages])
    assignments = load_assignments(department, languages, [page.pk for page in pages])
    declines = load_declines(department, languages, [page.translation_key for page in pages])
    people = {each.assignee for each in assignments.values()} | {each.declined_by for each in declines.values()}
    names = names_of(person for person in people if person is not None)
    requests = RequestedTranslation.objects.filter(page__in=[page.pk for page in pages], attempts=0)
    requested = {(page, locale): at for page, locale, at in requests.values_list("page", "locale", "created_at")}
    may_manage = has_capability(request.user, Capability.TRANSLATION, department)
    reviewed = locales_reviewed_by(request.user, department)
    notes = load_draft_notes(entry.progress.pk for entry in entries.values() if entry.progress is not None)
    filters = request.GET.urlencode()
    cells = {}
    for page in pages:
        for locale in languages:
            key = (page.pk, locale.pk)
            entry, assignment = entries.get((page.translation_key, locale.pk)), assignments.get(key, Assignment())
            decline = entry.decline if entry is not None else declines.get((page.translation_key, locale.pk))
            since = entry.since if entry is not None else requested.get(key)
            cells[key] = Cell(
                *key,
                state=state_of(entry, decline),
                page_id=entry.page_id if entry is not None else None,
                progress=entry.progress if entry is not None else None,
                assignment=assignment,
                assignee=names.get(assignment.assignee, "") if assignment.assignee is not None else "",
                is_requested=key in requested,
                failure=entry.failure if entry is not None else "",
                draft_note=_draft_note(entry, notes),
                since=decline.declined_at if decline is not None else since,
                decline=decline,
                declined_by=names.get(decline.declined_by or 0, "") if decline is not None else "",
                url=_url(page, entry, may_manage),
                is_in_release=entry is not None and entry.is_in_release,
                assign_url=assignment_url(key, filters) if may_manage else "",
                guests_url=_guests_url(entry) if reviewed is None or locale.pk in reviewed else "",
            )
    return cells


def state_of(entry: BoardEntry | None, decline: Decline | None) -> BoardState:
    """Return the state of a cell, which may have no page yet."""
    if entry is not None:
        return entry.state
    return BoardState.MISSING if decline is None else BoardState.DECLINED


def assignment_url(key: CellKey, filters: str = "", action: str = "assign") -> str:
    """Return the URL of the screen that assigns a content in one language, or does another action with it."""
    query: Mapping[str, str] = {"cell": "{}-{}".format(*key)} | ({"filters": filters} if filters else {})
    return f"{reverse('translation_board_action', args=[action])}?{urlencode(query)}"


def locales_reviewed_by(user: Any, department: Department) -> set[int] | None:
    """Return the keys of the locales whose translations the user publishes; None for all. At most one query."""
    if is_unrestricted(user):
        return None
    groups = DepartmentGroup.objects.filter(group__user=user.pk, role__in=PUBLISHING_ROLES, department=department)
    locales = set(groups.values_list("locale", flat=True))
    return None if None in locales else {pk for pk in locales if pk is not None}


def _draft_note(entry: BoardEntry | None, notes: Mapping[int, str]) -> str:
    return notes.get(entry.progress.pk, "") if entry is not None and entry.progress is not None else ""


def _guests_url(entry: BoardEntry | None) -> str:
    if entry is None or entry.progress is None or entry.state != BoardState.AWAITING_REVIEW:
        return ""
    return reverse("translation_guests", args=[entry.progress.pk])


def _url(original: Page, entry: BoardEntry | None, may_request: bool) -> str:
    if entry is None:
        return reverse("translation_submit_page", args=[original.pk]) if may_request else ""
    if entry.progress is not None:
        return reverse("translation_editor", args=[entry.progress.pk])
    return reverse("wagtailadmin_pages:edit", args=[entry.page_id])

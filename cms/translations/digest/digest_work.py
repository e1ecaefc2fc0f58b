"""The work of each account on translations, which the daily e-mail lists."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Locale, Page, TaskState, WorkflowState

from cms.translations.board.assignments import PARTNER_ROLES, SOON_DAYS, Assignment, load_assignments
from cms.translations.board.states import BoardEntry, BoardState, load_entries, originals
from cms.translations.models import PlannedRelease
from sites.models import Department, DepartmentGroup

# Translations in these states wait for a translator.
TO_WRITE = frozenset((BoardState.IN_PROGRESS, BoardState.RELEASE, BoardState.OUTDATED, BoardState.INCOMPLETE))
TRANSLATOR = "translator"


class WorkKind(IntEnum):
    """The reason for which a translation is in the e-mail, the most urgent first."""

    SENT_BACK = 1
    OVERDUE = 2
    DUE_SOON = 3
    TO_REVIEW = 4
    TO_RELEASE = 5
    ASSIGNED = 6


@dataclass(frozen=True)
class WorkItem:
    """A translated page on which an account has something to do. `translation_id` is None without our editor.

    The page of a release is its original.
    """

    kind: WorkKind
    department: str
    page_id: int
    translation_id: int | None
    due_on: datetime.date | None


def work_by_account(today: datetime.date) -> dict[int, list[WorkItem]]:
    """Return the work of accounts in all departments that are not suspended, the most urgent first.

    About thirteen queries for each department.
    """
    work: defaultdict[int, dict[int, WorkItem]] = defaultdict(dict)
    for department in Department.objects.filter(suspended_at=None).select_related("container"):
        for account, item in _work_in(department, today):
            present = work[account].get(item.page_id)
            if present is None or item.kind < present.kind:
                work[account][item.page_id] = item
    return {
        account: sorted(items.values(), key=lambda item: (item.kind, item.due_on or datetime.date.max, item.page_id))
        for account, items in work.items()
    }


def _work_in(department: Department, today: datetime.date) -> Iterator[tuple[int, WorkItem]]:
    """Yield the accounts of a department with their work."""
    rows = department.department_locales.filter(is_source=False).select_related("locale")
    locales = [row.locale for row in rows]
    entries = load_entries(department, locales)
    if not entries:
        return
    assignments = load_assignments(department, locales)
    sources = dict(originals(department).order_by().values_list("translation_key", "pk"))
    for account, page in _finished_releases(department, entries):
        yield account, WorkItem(WorkKind.TO_RELEASE, department.name, page, None, None)
    partners = _partners(department, locales)
    returned = _returned_by_page(entry.page_id for entry in entries.values())
    reviewers = _reviewers_by_page(entry.page_id for entry in entries.values())
    for (key, locale), entry in entries.items():
        assignment = assignments.get((sources[key], locale), Assignment()) if key in sources else Assignment()
        if entry.state == BoardState.AWAITING_REVIEW:
            for account in reviewers[entry.page_id]:
                yield account, _item(WorkKind.TO_REVIEW, department, entry, assignment)
        elif entry.state in TO_WRITE:
            translators = {account for account, role in partners[locale] if role == TRANSLATOR}
            members = {account for account, _role in partners[locale]}
            sender = returned.get(entry.page_id)
            for account, kind in _work_of_translators(assignment, sender, translators, members, today):
                yield account, _item(kind, department, entry, assignment)


def _finished_releases(
    department: Department, entries: Mapping[tuple[UUID, int], BoardEntry]
) -> Iterator[tuple[int, int]]:
    """Yield (id of the account that prepares it, id of the original) of each release that is approved completely."""
    states: defaultdict[UUID, set[BoardState]] = defaultdict(set)
    for (key, _locale), entry in entries.items():
        if entry.is_in_release:
            states[key].add(entry.state)
    finished = [key for key, found in states.items() if found == {BoardState.APPROVED}]
    releases = PlannedRelease.objects.filter(
        page__translation_key__in=finished,
        page__path__startswith=department.container.path,
        planned_by__is_active=True,
    )
    yield from releases.values_list("planned_by", "page")


def _work_of_translators(
    assignment: Assignment, sender: int | None, translators: set[int], members: set[int], today: datetime.date
) -> Iterator[tuple[int, WorkKind]]:
    """Yield who has to write a translation, and why. `sender` is the account to which it was sent back, or None.

    A translation without an assignee that is due soon or overdue is work of all translators of the language.
    """
    if sender in members and sender is not None:
        yield sender, WorkKind.SENT_BACK
    kind = WorkKind.ASSIGNED
    if assignment.due_on is not None and assignment.due_on <= today + datetime.timedelta(days=SOON_DAYS):
        kind = WorkKind.OVERDUE if assignment.due_on < today else WorkKind.DUE_SOON
    if assignment.assignee is not None:
        yield assignment.assignee, kind
    elif kind != WorkKind.ASSIGNED:
        for account in translators:
            yield account, kind


def _item(kind: WorkKind, department: Department, entry: BoardEntry, assignment: Assignment) -> WorkItem:
    translation = entry.progress.pk if entry.progress is not None else None
    return WorkItem(kind, department.name, entry.page_id, translation, assignment.due_on)


def _partners(department: Department, locales: Collection[Locale]) -> defaultdict[int, set[tuple[int, str]]]:
    """Return the accounts that translate or review, with their roles, by key of the locale."""
    found: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    groups = DepartmentGroup.objects.filter(
        department=department, role__in=PARTNER_ROLES, locale__in=locales, group__user__is_active=True
    )
    for locale, account, role in groups.values_list("locale", "group__user", "role"):
        found[locale].add((account, role))
    return found


def _returned_by_page(pages: Iterable[int]) -> dict[int, int]:
    """Return the accounts to which pages were sent back, by page."""
    states = WorkflowState.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page), status=WorkflowState.STATUS_NEEDS_CHANGES
    )
    wanted = set(map(str, pages))
    rows = states.filter(requested_by__isnull=False).values_list("object_id", "requested_by")
    return {int(page): account for page, account in rows if page in wanted and account is not None}


def _reviewers_by_page(pages: Iterable[int]) -> defaultdict[int, set[int]]:
    """Return the accounts that may approve pages at their present step, by page."""
    states = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        workflow_state__base_content_type=ContentType.objects.get_for_model(Page),
        task__groupapprovaltask__groups__user__is_active=True,
    )
    wanted = set(map(str, pages))
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = states.values_list("workflow_state__object_id", "task__groupapprovaltask__groups__user")
    for page, account in rows:
        if page in wanted:
            found[int(page)].add(account)
    return found

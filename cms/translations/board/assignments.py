"""Assignees and due dates of translations: who may be assigned, how it is stored, and when it ends."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.utils import get_user_display_name
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation

from cms.translations.models import TranslationAssignment
from sites.models import Department, DepartmentGroup
from sites.roles import ROLES

# A due date within so many days is near.
SOON_DAYS = 7
PARTNER_ROLES = tuple(role.key for role in ROLES if role.for_each_locale)

# A content in one language: the keys of its page in the source language, and of the locale.
CellKey = tuple[int, int]


@dataclass(frozen=True)
class Assignment:
    """The assignee (key of an account) and the due date of a content in one language."""

    assignee: int | None = None
    due_on: datetime.date | None = None

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()


@dataclass(frozen=True)
class AssignmentChange:
    """The values that are to be stored. `assignees` has an account, or None for nobody, by key of the locale.

    Locales that it lacks keep their assignees. The due dates are kept unless `changes_due_date` is set.
    """

    assignees: Mapping[int, int | None] = field(default_factory=dict)
    due_on: datetime.date | None = None
    changes_due_date: bool = False


def partners_of(department: Department, locales: Collection[Locale]) -> dict[int, dict[int, str]]:
    """Return the active translators and reviewers, their names by account, for each key of a locale. Two queries."""
    groups = DepartmentGroup.objects.filter(
        department=department, role__in=PARTNER_ROLES, locale__in=locales, group__user__isnull=False
    )
    pairs = set(groups.values_list("locale", "group__user"))
    names = names_of(pk for _locale, pk in pairs)
    found: dict[int, dict[int, str]] = {locale.pk: {} for locale in locales}
    for locale, pk in sorted(pairs, key=lambda pair: names.get(pair[1], "")):
        if pk in names:
            found[locale][pk] = names[pk]
    return found


def names_of(accounts: Iterable[int]) -> dict[int, str]:
    """Return the names of the active ones of these accounts, as the current request may show them. One query."""
    rows = get_user_model()._default_manager.filter(pk__in=set(accounts), is_active=True)
    return {row.pk: get_user_display_name(row) for row in rows}


def load_assignments(
    department: Department, locales: Collection[Locale], pages: Collection[int] | None = None
) -> dict[CellKey, Assignment]:
    """Return the assignments of a department, only of these pages in the source language if given. One query."""
    rows = TranslationAssignment.objects.filter(page__path__startswith=department.container.path, locale__in=locales)
    if pages is not None:
        rows = rows.filter(page__in=pages)
    values = rows.values_list("page", "locale", "assignee", "due_on")
    return {(page, locale): Assignment(assignee, due_on) for page, locale, assignee, due_on in values}


@transaction.atomic
def assign(department: Department, cells: Iterable[CellKey], change: AssignmentChange) -> None:
    """Store the change for contents of the department in its languages.

    Raises ValidationError if an assignee is no translator or reviewer of the language. The department and the accounts
    are locked until the transaction ends: who leaves meanwhile loses the assignments.
    """
    list(Department.objects.select_for_update(of=("self",), no_key=True).filter(pk=department.pk))
    assignees = sorted(pk for pk in change.assignees.values() if pk is not None)
    list(get_user_model()._default_manager.select_for_update().filter(pk__in=assignees).order_by("pk").values("pk"))
    partners = partners_of(department, list(Locale.objects.filter(pk__in=change.assignees)))
    for locale, pk in change.assignees.items():
        if pk is not None and pk not in partners.get(locale, {}):
            raise ValidationError(_("Only translators and reviewers of the language can be assigned."))
    cells = sorted(set(cells))
    stored = TranslationAssignment.objects.filter(page__in={page for page, _locale in cells})
    known = {(row.page_id, row.locale_id): row for row in stored}
    rows = [known.get(cell) or TranslationAssignment(page_id=cell[0], locale_id=cell[1]) for cell in cells]
    for row in rows:
        if row.locale_id in change.assignees:
            row.assignee_id = change.assignees[row.locale_id]
        if change.changes_due_date:
            row.due_on = change.due_on
    empty = [row.pk for row in rows if row.assignee_id is None and row.due_on is None]
    TranslationAssignment.objects.filter(pk__in=filter(None, empty)).delete()
    TranslationAssignment.objects.bulk_create(
        [
            TranslationAssignment(
                page_id=row.page_id, locale_id=row.locale_id, assignee_id=row.assignee_id, due_on=row.due_on
            )
            for row in rows
            if row.assignee_id is not None or row.due_on is not None
        ],
        update_conflicts=True,
        unique_fields=("page", "locale"),
        update_fields=("assignee", "due_on"),
    )


def end_unfounded_assignments(user: Any, **kwargs: Any) -> None:
    """Remove the assignments of an account in languages that it no longer translates or reviews; keep due dates.

    Receiver of `sites.members.membership_end.roles_lost`. Three queries if the account has no assignments.
    """
    rows = TranslationAssignment.objects.filter(assignee=user.pk).values_list("pk", "page__path", "locale")
    unfounded = []
    if rows and user.is_active:
        groups = DepartmentGroup.objects.filter(group__user=user.pk, role__in=PARTNER_ROLES)
        kept = defaultdict(list)
        for locale, path in groups.values_list("locale", "department__container__path"):
            kept[locale].append(path)
        unfounded = [pk for pk, path, locale in rows if not path.startswith(tuple(kept[locale]))]
    elif rows:
        unfounded = [pk for pk, _path, _locale in rows]
    ended = TranslationAssignment.objects.filter(pk__in=unfounded)
    ended.filter(due_on=None).delete()
    ended.update(assignee=None)


def assignment_of(translation: Translation) -> tuple[CellKey, Assignment] | None:
    """Return the cell of a translated page and its assignment; None without a page in the source language."""
    source = translation.source
    original = Page.objects.filter(translation_key=source.object_id, locale=source.locale_id).values_list("pk").first()
    if original is None:
        return None
    key = (original[0], translation.target_locale_id)
    row = TranslationAssignment.objects.filter(page=key[0], locale=key[1]).values_list("assignee", "due_on").first()
    return key, Assignment(*row) if row is not None else Assignment()

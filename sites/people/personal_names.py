"""Names of persons, shown to members of the person's department only. Others read the department's name.

`cms.users.models.User` asks here for each name that it gives out, so that every report, history, export, comment,
lock, task and filter follows the rule without code of its own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.utils import get_user_display_name
from wagtail.users.utils import get_deleted_user_display_name

from sites.access.capabilities import departments_of, is_unrestricted
from sites.models import DepartmentGroup

from .request_context import current_request


class Colleagues:
    """The people whose names a user may read. At most two queries, whatever the number of names."""

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer

    def include(self, person: Any) -> bool:
        """Return True if the user may read the person's name: their own, and that of a member of their departments."""
        return is_unrestricted(self._viewer) or person.pk == self._viewer.pk or person.pk in self._keys

    def substitute(self, person: Any) -> str:
        """Return the words that stand for the name of somebody else."""
        if names := self._departments_by_person.get(person.pk):
            return ", ".join(names)
        return _("Administration of the instance") if person.is_superuser else _("Former member")

    @cached_property
    def _keys(self) -> set[int]:
        departments = [department.pk for department in departments_of(self._viewer)]
        members = DepartmentGroup.objects.filter(department__in=departments, group__user__isnull=False)
        return set(members.values_list("group__user", flat=True)) if departments else set()

    @cached_property
    def _departments_by_person(self) -> dict[int, list[str]]:
        names: defaultdict[int, list[str]] = defaultdict(list)
        rows = DepartmentGroup.objects.filter(group__user__isnull=False).order_by("department__code")
        for person, name in rows.values_list("group__user", "department__name").distinct():
            names[person].append(name)
        return names

    def name_of(self, key: object) -> str:
        """Return the name of the account with this key, or the words that stand for it."""
        if key in self._names:
            return self._names[key]
        names = self._departments_by_person.get(key, []) if isinstance(key, int) else []
        return ", ".join(names) or _("Former member")

    @cached_property
    def _names(self) -> dict[object, str]:
        accounts = get_user_model()._default_manager.only("username", "first_name", "last_name", "is_superuser")
        if not is_unrestricted(self._viewer):
            accounts = accounts.filter(pk__in=self._keys)
        return {account.pk: get_user_display_name(account) for account in accounts}


def stored_name(account: Any) -> str:
    """Return the name of an account for any user. Call it in screens that decide themselves whom they name."""
    return f"{account.first_name} {account.last_name}".strip() or str(account.get_username())


def name_of_account(key: Any) -> str:
    """Return the name of an account that a log entry refers to, as the current request may show it."""
    request = current_request()
    if request is not None and hasattr(request, "user"):
        return colleagues_of(request).name_of(key)
    account = get_user_model()._default_manager.filter(pk=key).first()
    return get_user_display_name(account) if account else str(get_deleted_user_display_name(key))


def substitute_for_name(person: Any) -> str:
    """Return the words to show instead of a person's name in the current request, or "" if the name may be shown.

    Outside requests, in commands and tasks, every name may be shown.
    """
    request = current_request()
    if request is None or person.pk is None or not hasattr(request, "user"):
        return ""
    # The account of a session that lacks a second factor, which counts as anonymous (`cms.users.middleware`).
    if person.pk == getattr(getattr(request, "session_account", None), "pk", None):
        return ""
    colleagues = colleagues_of(request)
    return "" if colleagues.include(person) else colleagues.substitute(person)


def colleagues_of(request: HttpRequest) -> Colleagues:
    """Return the people whose names the user of the request may read; kept with the user, who may log in meanwhile."""
    user: Any = request.user
    found: Colleagues | None = getattr(user, "_colleagues", None)
    if found is None:
        found = Colleagues(user)
        user._colleagues = found
    return found

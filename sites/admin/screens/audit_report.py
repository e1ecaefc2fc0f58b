"""The audit log on a screen of the reports, with filters and downloads, for administrators of the department.

Administrators of the instance read the log of the instance too, and those of all departments.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.log_actions import registry as log_action_registry
from wagtail.users.utils import get_deleted_user_display_name

from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.access.current_department import current_department
from sites.members.admin_hooks import role_title
from sites.models import AuditLogEntry, Department, Invitation
from sites.people.personal_names import stored_name
from sites.roles import Capability

INSTANCE = "instance"


def entries_readable_by(request: HttpRequest) -> QuerySet[AuditLogEntry]:
    """Return the entries that the user may read: those of the departments that they administer, or all of them.

    The current department limits the entries of a user who may read several logs.
    """
    entries, user, current = AuditLogEntry.objects.all(), request.user, current_department(request)
    if not is_unrestricted(user):
        readable = departments_with_capability(user, Capability.AUDIT)
        entries = entries.filter(department__in=[department.pk for department in readable])
    return entries if current is None else entries.filter(department=current)


def _accounts(request: HttpRequest, field: str) -> list[tuple[str, str]]:
    entries = entries_readable_by(request).order_by()
    keys = set(entries.exclude(**{field: None}).values_list(field, flat=True).distinct())
    names = _Names(request, keys)
    return sorted(((str(key), names.of(key)) for key in keys), key=lambda choice: choice[1].casefold())


class AuditLogFilterSet(WagtailFilterSet):
    timestamp = django_filters.DateFromToRangeFilter(label=gettext_lazy("Date"), widget=DateRangePickerWidget)
    action = django_filters.MultipleChoiceFilter(label=gettext_lazy("Action"), choices=AuditLogEntry.Action.choices)
    account = django_filters.ChoiceFilter(label=gettext_lazy("Who"), choices=())
    subject = django_filters.ChoiceFilter(label=gettext_lazy("Whom it concerns"), choices=())
    address = django_filters.CharFilter(label=gettext_lazy("From which address"), method="filter_address")
    log = django_filters.ChoiceFilter(label=gettext_lazy("Log"), choices=(), method="filter_log")

    class Meta:
        model = AuditLogEntry
        fields = ("action", "account", "subject")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("account", "subject"):
            self.filters[name].extra["choices"] = _accounts(self.request, name)
        if is_unrestricted(self.request.user) and current_department(self.request) is None:
            departments = [(department.code, str(department)) for department in Department.objects.all()]
            self.filters["log"].extra["choices"] = [(INSTANCE, _("the instance")), *departments]
        else:
            del self.filters["log"]

    def filter_address(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Return the entries with such an address, without those whose address the user may not read."""
        found = queryset.filter(address__startswith=value.strip())
        return found if is_unrestricted(self.request.user) else found.filter(has_readable_address())

    def filter_log(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(department_code="" if value == INSTANCE else value)


def has_readable_address() -> Q:
    """Return the condition of the entries whose address administrators of a department may read.

    Not readable are the addresses of people whom the log does not name to them: administrators of the instance, who
    acted or whom somebody else's attempt to log in concerns, and deleted accounts, which may have been theirs.
    """
    readable = get_user_model()._default_manager.filter(is_superuser=False).values("pk")
    nobody = Q(account=None) & (Q(subject=None) | Q(subject__in=readable))
    return nobody | Q(account__in=readable)


class _Names:
    """The names of the accounts with these keys, as an administrator of the department may read them.

    A department's log has the names of its members and former members, and no names of administrators of the instance.
    """

    def __init__(self, request: HttpRequest, keys: Iterable[int]) -> None:
        accounts = get_user_model()._default_manager.filter(pk__in=set(keys))
        self._hides_instance = not is_unrestricted(request.user)
        self._names: dict[int, str] = {}
        self._departments_people: set[int] = set()
        for account in accounts:
            is_hidden = self._hides_instance and account.is_superuser
            self._names[account.pk] = _("Administration of the instance") if is_hidden else stored_name(account)
            if not account.is_superuser:
                self._departments_people.add(account.pk)

    def may_read_address(self, entry: AuditLogEntry) -> bool:
        """Return True as `has_readable_address` selects, for an entry whose keys were given."""
        if not self._hides_instance:
            return True
        key = entry.account_id if entry.account_id is not None else entry.subject_id
        return key is None or key in self._departments_people

    def of(self, key: int | None) -> str:
        if key is None:
            return ""
        return self._names.get(key) or str(get_deleted_user_display_name(key))


DETAIL_LABELS = {
    "arguments": gettext_lazy("arguments"),
    "code": gettext_lazy("INSEE code"),
    "content": gettext_lazy("content"),
    "format": gettext_lazy("format"),
    "number": gettext_lazy("number"),
    "language": gettext_lazy("language"),
    "other": gettext_lazy("other department"),
    "requires_second_factor": gettext_lazy("second factor required"),
    "requires_single_sign_on": gettext_lazy("local passwords disabled"),
    "retires_on": gettext_lazy("retirement on"),
    "rule": gettext_lazy("limit"),
    "screen": gettext_lazy("screen"),
}
SECOND_FACTOR_CHANGES = {
    "app_added": gettext_lazy("authenticator app added"),
    "app_removed": gettext_lazy("authenticator app removed"),
    "passkey_added": gettext_lazy("passkey added"),
    "passkey_removed": gettext_lazy("passkey removed"),
    "recovery_codes_replaced": gettext_lazy("recovery codes replaced"),
    "identity_added": gettext_lazy("login service connected"),
    "identity_removed": gettext_lazy("login service disconnected"),
    "all_removed": gettext_lazy("all second factors removed"),
    "recovery_code_used": gettext_lazy("recovery code used"),
    "token_added": gettext_lazy("token created"),
    "token_removed": gettext_lazy("token revoked"),
}
# How somebody logged in, tried to, or confirmed who they are; and why a single sign-on was refused.
METHODS = {
    "password": gettext_lazy("password"),
    "single_sign_on": gettext_lazy("single sign-on"),
    "second_factor": gettext_lazy("second factor"),
    "app": gettext_lazy("authenticator app"),
    "passkey": gettext_lazy("passkey"),
    "recovery_code": gettext_lazy("recovery code"),
    "api_token": gettext_lazy("API token"),
}
REASONS = {
    "provider_unavailable": gettext_lazy("the login service did not answer"),
    "not_verified": gettext_lazy("the answer of the login service could not be verified"),
    "authentication_too_old": gettext_lazy("the login at the service was too old"),
    "wrong_context": gettext_lazy("the login at the service was not strong enough"),
    "other_address": gettext_lazy("the identity has another address, or is connected already"),
    "no_invitation": gettext_lazy("no account is connected, and there is no invitation"),
    "account_exists": gettext_lazy("the address has an account already"),
    "account_closed": gettext_lazy("the account is closed"),
}
# Details whose values are codes with a text.
CODES = {"change": SECOND_FACTOR_CHANGES, "method": METHODS, "reason": REASONS}


def describe_details(details: dict[str, Any], addresses: dict[int, str]) -> str:
    """Return the details of an entry as a text: roles by their names, an invitation by its address."""
    parts = []
    for name, value in details.items():
        if name == "roles":
            parts.append(", ".join(role_title(key) for key in value))
        elif name == "invitation":
            parts.append(addresses.get(value) or _("a deleted invitation"))
        elif name == "unknown_account":
            parts.append(_("no account of this name"))
        elif name in CODES:
            parts.append(str(CODES[name].get(value, value)))
        elif name == "what":
            parts.append(str(dict(log_action_registry.get_choices()).get(value, value)))
        elif value:
            parts.append(f"{DETAIL_LABELS.get(name, name)}: {value if isinstance(value, str) else json.dumps(value)}")
    return "; ".join(parts)


class AuditLogReport(ReportView):
    """The audit log; a fixed number of queries."""

    model = AuditLogEntry
    page_title = gettext_lazy("Audit log")
    header_icon = "history"
    index_url_name = "department_reports:audit_log"
    index_results_url_name = "department_reports:audit_log_results"
    filterset_class = AuditLogFilterSet
    default_ordering = "-timestamp"
    paginate_by = 50
    export_filename = "audit-log"
    list_export = ["timestamp", "action_label", "who", "whom", "address", "log_name", "details_text"]
    export_headings = {
        "timestamp": gettext_lazy("Date"),
        "action_label": gettext_lazy("Action"),
        "who": gettext_lazy("Who"),
        "whom": gettext_lazy("Whom it concerns"),
        "address": gettext_lazy("From which address"),
        "log_name": gettext_lazy("Log"),
        "details_text": gettext_lazy("Details"),
    }

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column(
                "timestamp",
                label=_("Date"),
                accessor=lambda entry: date_format(localtime(entry.timestamp), "SHORT_DATETIME_FORMAT"),
                sort_key="timestamp",
                width="14%",
            ),
            Column("action_label", label=_("Action")),
            Column("who", label=_("Who")),
            Column("whom", label=_("Whom it concerns")),
            Column("address", label=_("From which address"), width="12%"),
            *([Column("log_name", label=_("Log"))] if is_unrestricted(self.request.user) else []),
            Column("details_text", label=_("Details")),
        ]

    def get_base_queryset(self) -> QuerySet[AuditLogEntry]:
        return entries_readable_by(self.request)

    def get_queryset(self) -> QuerySet[AuditLogEntry]:
        return self.get_base_queryset()

    def get_filtered_queryset(self) -> QuerySet[AuditLogEntry]:
        entries: QuerySet[AuditLogEntry] = self.filter_queryset(self.get_queryset())
        return entries.order_by(*(("timestamp", "pk") if self.ordering == "timestamp" else ("-timestamp", "-pk")))

    def decorate_paginated_queryset(self, object_list: Iterable[AuditLogEntry]) -> list[AuditLogEntry]:
        entries = list(object_list)
        names = _Names(self.request, {key for entry in entries for key in (entry.account_id, entry.subject_id) if key})
        invitations = {entry.details["invitation"] for entry in entries if "invitation" in entry.details}
        addresses = dict(Invitation.objects.filter(pk__in=invitations).values_list("pk", "email"))
        departments = {department.pk: str(department) for department in Department.objects.all()}
        for entry in entries:
            row: Any = entry
            if not names.may_read_address(entry):
                row.address = None
            row.action_label = entry.get_action_display()
            row.who, row.whom = names.of(entry.account_id), names.of(entry.subject_id)
            row.log_name = departments.get(entry.department_id or 0) or entry.department_code or _("the instance")
            row.details_text = describe_details(entry.details, addresses)
        return entries

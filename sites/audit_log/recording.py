"""Adds entries to the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from sites.models import AuditLogEntry, Department
from sites.people.request_context import current_request
from sites.rate_limits.client_address import client_address
from sites.rate_limits.limited_urls import SECRET_ARGUMENTS

Action = AuditLogEntry.Action
REFUSALS = "_audit_refusals"  # attribute of a request


def record(
    action: str,
    *,
    department: Department | None = None,
    account: Any = None,
    subject: Any = None,
    request: HttpRequest | None = None,
    is_anonymous: bool = False,
    is_refusal: bool = False,
    client: str = "",
    **details: Any,
) -> None:
    """Add an entry to the log of a department, or to that of the instance if it is None.

    `account` acted, by default the user of the request; `subject` is the account that the action concerns. `details`
    are numbers, codes and texts without personal data. The client's address is `client` or that of the request. With
    `is_anonymous` the entry has neither account nor address, because the other department acted. With `is_refusal` it
    is stored when the request is answered, since the transaction of a refused request may be rolled back.
    """
    request = None if is_anonymous else request or current_request()
    actor = account if account is not None else _user_of(request)
    entry = AuditLogEntry(
        action=action,
        department=department,
        department_code=department.code if department else "",
        account_id=actor.pk if actor is not None else None,
        subject_id=subject.pk if subject is not None else None,
        address=client or (client_address(request) if request is not None else "") or None,
        details=details,
    )
    if is_refusal and request is not None:
        request.__dict__.setdefault(REFUSALS, []).append(entry)
    else:
        entry.save()


def store_refusals(request: HttpRequest) -> None:
    """Store the entries about refusals of a request, outside the transaction of its view."""
    for entry in request.__dict__.pop(REFUSALS, ()):
        entry.save()


def arguments_of_url(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments of a URL as details of an entry: short, without secrets and NUL characters."""
    return {
        name: str(value)[:100].replace("\0", "\ufffd")
        for name, value in arguments.items()
        if name not in SECRET_ARGUMENTS
    }


def record_for_account(action: str, subject: Any, **arguments: Any) -> None:
    """Add an entry about an account to the log of each of its departments, or to that of the instance if it has none.

    An administrator of the instance is in its log too.
    """
    departments = departments_of_account(subject)
    for department in departments:
        record(action, department=department, subject=subject, **arguments)
    if not departments or subject.is_superuser:
        record(action, subject=subject, **arguments)


def record_for_department(action: str, department: Department, **details: Any) -> None:
    """Add an entry about a department to its own log and to that of the instance."""
    record(action, department=department, **details)
    record(action, code=department.code, **details)


def departments_of_account(account: Any) -> Iterable[Department]:
    """Return all departments of an account, suspended ones too; nothing for an account that is not saved."""
    if account.pk is None:
        return Department.objects.none()
    return list(Department.objects.filter(department_groups__group__user=account.pk).distinct())


def _user_of(request: HttpRequest | None) -> Any:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None

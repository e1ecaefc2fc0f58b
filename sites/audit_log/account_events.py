"""Records logins, and the changes of accounts and of their roles, whatever code makes them.

Signals of Django report all of them: a screen, a command or an import that is added later needs no code for it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, get_user_model, load_backend
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.http import HttpRequest
from wagtail.models import ModelLogEntry

from sites.models import Department, DepartmentGroup
from sites.rate_limits.signals import limit_reached

from .overrides.raw_passwords import has_new_password
from .recording import Action, record, record_for_account
from .signals import account_changed

# Fields of accounts whose change is recorded, with the action for a true and for a false value.
FLAGS = {
    "is_active": (Action.ACCOUNT_OPENED, Action.ACCOUNT_CLOSED),
    "is_superuser": (Action.INSTANCE_RIGHTS_GIVEN, Action.INSTANCE_RIGHTS_TAKEN),
}


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    user_model = get_user_model()
    through = user_model.groups.through
    user_logged_in.connect(record_login, dispatch_uid="audit_log.login")
    user_login_failed.connect(record_failed_login, dispatch_uid="audit_log.login_failed")
    limit_reached.connect(record_limit, dispatch_uid="audit_log.limit")
    pre_save.connect(remember_changes, sender=user_model, dispatch_uid="audit_log.pre_save")
    post_save.connect(record_changes, sender=user_model, dispatch_uid="audit_log.post_save")
    pre_delete.connect(record_deletion, sender=user_model, dispatch_uid="audit_log.pre_delete")
    post_delete.connect(remove_name_from_log, sender=user_model, dispatch_uid="audit_log.post_delete")
    m2m_changed.connect(record_roles, sender=through, dispatch_uid="audit_log.roles")


def account_named(name: str) -> Any:
    """Return the account with this user name or e-mail address, or None."""
    if not name:
        return None
    accounts = get_user_model()._default_manager.filter(Q(username=name) | Q(email__iexact=name))
    return accounts.order_by("pk").first()


def record_login(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Record a login, with the method that the authentication backend names; without a name it is the password."""
    path = request.session.get(BACKEND_SESSION_KEY) if request is not None and hasattr(request, "session") else None
    method = getattr(load_backend(path), "login_method", "password") if path else "password"
    record_for_account(Action.LOGIN, user, account=user, request=request, method=method)


def record_failed_login(sender: Any, credentials: dict[str, Any], request: HttpRequest | None, **kwargs: Any) -> None:
    """Record a failed login: the typed name only as the account that it belongs to, since it may be a password."""
    name = str(credentials.get(get_user_model().USERNAME_FIELD) or credentials.get("username") or "")
    account = account_named(name)
    details = {"method": "second_factor"} if "second_factor" in credentials else {}
    if account is not None:
        record_for_account(Action.LOGIN_FAILED, account, request=request, is_refusal=True, **details)
    else:
        record(Action.LOGIN_FAILED, request=request, is_refusal=True, unknown_account=True)


def record_reset_request(address: str, client: str) -> None:
    """Record that somebody asked for a new password, from the client with this IP address.

    Called by a task, because a request that looked the account up would answer later for known addresses.
    """
    account = account_named(address.strip())
    if account is not None:
        record_for_account(Action.PASSWORD_RESET_REQUESTED, account, client=client)
    else:
        record(Action.PASSWORD_RESET_REQUESTED, client=client, unknown_account=True)


def record_limit(sender: Any, request: HttpRequest | None, rule: str, account: str, **kwargs: Any) -> None:
    """Record that a limit of attempts is reached, also in the log of the departments of the account."""
    found = account_named(account)
    if found is not None:
        record_for_account(Action.LIMIT_REACHED, found, request=request, is_refusal=True, rule=rule)
    else:
        record(Action.LIMIT_REACHED, request=request, is_refusal=True, rule=rule)


def remember_changes(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Store, before an account is saved, the actions that the new values stand for."""
    instance._audit_actions = [] if raw else _actions_of(instance, kwargs.get("update_fields"))


def _actions_of(instance: Any, update_fields: Any) -> list[str]:
    if instance._state.adding:
        return [Action.ACCOUNT_CREATED]
    watched = {"email", "password", *FLAGS}
    saved = watched if update_fields is None else watched & set(update_fields)
    if not saved:
        return []
    before = type(instance)._base_manager.filter(pk=instance.pk).values(*sorted(watched)).first()
    if before is None:
        return []
    actions: list[str] = []
    if "password" in saved and before["password"] != instance.password and has_new_password(instance):
        actions.append(Action.PASSWORD_CHANGED)
    if "email" in saved and before["email"] != instance.email:
        actions.append(Action.ADDRESS_CHANGED)
        instance._previous_email = before["email"]
    for name, (given, taken) in FLAGS.items():
        if name in saved and before[name] != getattr(instance, name):
            actions.append(given if getattr(instance, name) else taken)
    return actions


def record_changes(sender: Any, instance: Any, **kwargs: Any) -> None:
    for action in instance.__dict__.pop("_audit_actions", ()):
        record_for_account(action, instance)
        previous = instance.__dict__.pop("_previous_email", "") if action == Action.ADDRESS_CHANGED else ""
        account_changed.send(sender=sender, account=instance, action=action, previous_email=previous)
        if action in FLAGS["is_superuser"] and not instance.is_superuser:
            record(action, subject=instance)  # The log of the instance has it as well.


def record_deletion(sender: Any, instance: Any, **kwargs: Any) -> None:
    record_for_account(Action.ACCOUNT_DELETED, instance)


def remove_name_from_log(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Remove the name from Wagtail's log entries about the account, whose label it is."""
    content_type = ContentType.objects.get_for_model(sender)
    entries = ModelLogEntry.objects.filter(content_type=content_type, object_id=str(instance.pk))
    entries.update(label=f"{sender._meta.verbose_name} {instance.pk}")


def record_roles(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Record the roles that accounts get or lose, in the log of the department of each role."""
    if action not in ("post_add", "pre_remove", "pre_clear"):
        return
    entry = Action.ROLES_ADDED if action == "post_add" else Action.ROLES_REMOVED
    accounts: list[Any] = [instance]
    if reverse:  # The accounts of one group change.
        groups = [instance.pk]
        members = get_user_model()._default_manager.filter(groups=instance)
        accounts = list(members if pk_set is None else get_user_model()._default_manager.filter(pk__in=pk_set))
    else:
        groups = list(pk_set) if pk_set is not None else list(instance.groups.values_list("pk", flat=True))
    roles = _roles(groups)
    for account in accounts:
        for department, names in roles.items():
            record(entry, department=department, subject=account, roles=sorted(names))


def _roles(group_keys: list[int]) -> dict[Department | None, list[str]]:
    """Return the keys of the roles of groups by department; groups of no department by their names, below None."""
    roles: defaultdict[Department | None, list[str]] = defaultdict(list)
    rows = DepartmentGroup.objects.filter(group__in=group_keys).select_related("department", "locale")
    for row in rows:
        language = row.locale.language_code if row.locale else ""
        roles[row.department].append(":".join(filter(None, [row.role, language])))
    others = set(group_keys) - {row.group_id for row in rows}
    for name in Group.objects.filter(pk__in=others).values_list("name", flat=True) if others else ():
        roles[None].append(name)
    return roles

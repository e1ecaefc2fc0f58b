"""The audit log: who did what, when and from which address. Rows are added, and deleted when their time is over."""

from __future__ import annotations

import datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .append_only import REFUSAL, deletion_allowed
from .department import Department


class AppendOnlyError(TypeError):
    """Raised by code that changes or deletes an entry of the audit log."""

    def __init__(self) -> None:
        super().__init__(REFUSAL)


class AuditLogQuerySet(models.QuerySet["AuditLogEntry"]):
    """Entries of the audit log. They can be created and read; only `delete_expired` removes some."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def update_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("update_conflicts"):
            raise AppendOnlyError
        return super().bulk_create(objs, *args, **kwargs)

    def expired(self) -> AuditLogQuerySet:
        """Return the entries that are older than AUDIT_LOG_DAYS."""
        return self.filter(timestamp__lt=timezone.now() - datetime.timedelta(days=settings.AUDIT_LOG_DAYS))

    def delete_expired(self) -> int:
        """Delete the entries that are older than AUDIT_LOG_DAYS; return their number."""
        expired = self.expired()
        if not expired.exists():
            return 0
        with transaction.atomic(using=self.db), deletion_allowed(self.db):
            count, _rows = super(AuditLogQuerySet, expired).delete()
        return count


class AuditLogEntry(models.Model):
    """An action with consequences for security, in the log of a department or, without one, in that of the instance.

    The entry refers to accounts by key and holds neither names nor e-mail addresses: when an account is deleted, its
    name is gone from the log, and the key remains. It outlives the department too, whose code it holds.
    """

    class Action(models.TextChoices):
        LOGIN = "login", _("Login")
        LOGIN_FAILED = "login_failed", _("Failed login")
        IDENTITY_CONFIRMED = "identity_confirmed", _("Identity confirmed")
        ACCESS_REFUSED = "access_refused", _("Access refused")
        LIMIT_REACHED = "limit_reached", _("Limit of attempts reached")
        PASSWORD_RESET_REQUESTED = "password_reset_requested", _("Password reset requested")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        ADDRESS_CHANGE_REQUESTED = "address_change_requested", _("Change of the e-mail address requested")
        ADDRESS_CHANGED = "address_changed", _("E-mail address changed")
        SECOND_FACTORS_CHANGED = "second_factors_changed", _("Second factors or login service changed")
        SESSIONS_ENDED = "sessions_ended", _("Sessions ended")
        API_TOKENS_CHANGED = "api_tokens_changed", _("API tokens changed")
        ACCOUNT_CREATED = "account_created", _("Account created")
        ACCOUNT_CLOSED = "account_closed", _("Account closed")
        ACCOUNT_OPENED = "account_opened", _("Account opened again")
        ACCOUNT_DELETED = "account_deleted", _("Account deleted")
        INSTANCE_RIGHTS_GIVEN = "instance_rights_given", _("Made administrator of the instance")
        INSTANCE_RIGHTS_TAKEN = "instance_rights_taken", _("No longer administrator of the instance")
        ROLES_ADDED = "roles_added", _("Roles given")
        ROLES_REMOVED = "roles_removed", _("Roles taken away")
        INVITED = "invited", _("Invitation sent")
        INVITATION_REVOKED = "invitation_revoked", _("Invitation revoked")
        INVITATION_ACCEPTED = "invitation_accepted", _("Invitation accepted")
        DOWNLOAD = "download", _("List or file downloaded")
        SHARING = "sharing", _("Sharing changed")
        LOGIN_RULES_CHANGED = "login_rules_changed", _("Requirements of the login changed")
        DEPARTMENT_CREATED = "department_created", _("Department created")
        LANGUAGE_ADDED = "language_added", _("Language added")
        LANGUAGE_REMOVED = "language_removed", _("Language removed")
        DEPARTMENT_SUSPENDED = "department_suspended", _("Department suspended")
        DEPARTMENT_REACTIVATED = "department_reactivated", _("Department reactivated")
        DEPARTMENT_EXPORTED = "department_exported", _("Department exported")
        DEPARTMENT_REMOVED = "department_removed", _("Department removed")
        PERSON_EXPORTED = "person_exported", _("Data of a person exported")
        PERSON_ERASED = "person_erased", _("Data of a person erased")

    timestamp = models.DateTimeField(_("date"), default=timezone.now, editable=False)
    # Without constraints in the database, so that the entry stays as it is when the row is deleted.
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    department_code = models.CharField(_("INSEE code"), max_length=3, blank=True)
    action = models.CharField(_("action"), max_length=40, choices=Action.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        help_text=_("Who acted. Empty if nobody was logged in, and for commands."),
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("concerned account"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        help_text=_("Whom the action concerns."),
    )
    address = models.GenericIPAddressField(_("IP address"), null=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    objects = AuditLogQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log")
        base_manager_name = "objects"
        ordering = ("-timestamp", "-pk")
        indexes = (
            models.Index(fields=("department", "-timestamp", "-id"), name="audit_log_of_department"),
            models.Index(fields=("-timestamp", "-id"), name="audit_log_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()} ({self.timestamp:%Y-%m-%d %H:%M:%S})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the entry. Raise AppendOnlyError if it is saved already."""
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

"""Wagtail's e-mails about workflows, marked with the page that they are about.

Replaces: the receivers that `wagtail.admin.signal_handlers.register_signal_handlers` connects, by subclasses of their
    notifiers with the same `dispatch_uid`. The names of workflows and steps that nobody has changed are written in the
    language of the recipient; they are stored in that of the instance.
Why no hook serves: Wagtail connects its receivers in any case. A second receiver would send each e-mail twice, and the
    receiver of an e-mail backend does not know the page.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/isolation/test_outgoing_mail.py.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django.utils.functional import lazy
from wagtail.admin import mail
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

from sites.mail.audience import about
from sites.models import DepartmentWorkflow


def _names_in_active_language(context: dict[str, Any]) -> dict[str, Any]:
    """Return copies of the workflow and the step of a context; their names depend on the active language."""
    named: dict[str, Any] = {key: copy(context[key]) for key in ("workflow", "task") if key in context}
    rows = DepartmentWorkflow.objects.select_related("department", "locale")
    if "workflow" in named:
        row = rows.filter(workflow=named["workflow"]).first()
    else:
        row = rows.filter(workflow__workflow_tasks__task__in=[each.pk for each in named.values()]).first()
    if row is not None:
        for each in named.values():
            each.name = lazy(row.shown_name, str)(each.name)
    return named


class SubjectMixin:
    """Sends the e-mails of a notifier as being about the object in review."""

    def send_emails(self, template_set: Any, context: dict[str, Any], recipients: Any, **kwargs: Any) -> bool:
        with about(context["object"]):
            names = _names_in_active_language(context)
            sent: bool = super().send_emails(template_set, context | names, recipients, **kwargs)  # type: ignore[misc]
            return sent


class TaskSubmissionNotifier(SubjectMixin, mail.GroupApprovalTaskStateSubmissionEmailNotifier):
    pass


class SubmissionNotifier(SubjectMixin, mail.WorkflowStateSubmissionEmailNotifier):
    pass


class ApprovalNotifier(SubjectMixin, mail.WorkflowStateApprovalEmailNotifier):
    pass


class RejectionNotifier(SubjectMixin, mail.WorkflowStateRejectionEmailNotifier):
    pass


# Signal, sender, Wagtail's `dispatch_uid` and the notifier.
NOTIFIERS: tuple[tuple[Any, Any, str, mail.Notifier], ...] = (
    (task_submitted, TaskState, "group_approval_task_submitted_email_notification", TaskSubmissionNotifier()),
    (workflow_submitted, WorkflowState, "workflow_state_submitted_email_notification", SubmissionNotifier()),
    (workflow_rejected, WorkflowState, "workflow_state_rejected_email_notification", RejectionNotifier()),
    (workflow_approved, WorkflowState, "workflow_state_approved_email_notification", ApprovalNotifier()),
)


def replace_notifiers() -> None:
    """Connect the notifiers under Wagtail's `dispatch_uid`, whether Wagtail has connected its own ones or not.

    Django ignores a second receiver with the same `dispatch_uid`.
    """
    for signal, sender, uid, notifier in NOTIFIERS:
        signal.disconnect(sender=sender, dispatch_uid=uid)
        signal.connect(notifier, sender=sender, dispatch_uid=uid)

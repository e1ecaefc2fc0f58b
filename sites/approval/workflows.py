"""Who approves a department's pages before publication: one workflow for all pages, one for each partner's language.

Wagtail takes the workflow of the nearest ancestor. So the home of a translated language has a workflow of its own,
in which the reviewers of that language approve beside the department; switched off, the department's applies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import GroupApprovalTask, Locale, Page, TaskState, Workflow, WorkflowPage, WorkflowTask

from sites.models import Department, DepartmentGroup, DepartmentWorkflow
from sites.roles import ROLES

# Whoever may approve is let into the whole page while it waits, and the last approval publishes it.
APPROVING = tuple(role.key for role in ROLES if "change" in role.page_permissions and not role.for_each_locale)
REVIEWING = tuple(role.key for role in ROLES if "publish" in role.page_permissions and role.for_each_locale)
BY_DEFAULT = ("administrator", "publisher")


def ensure_workflows(department: Department) -> None:
    """Make the workflows that the department does not have yet; those it has stay as its administrator left them."""
    present = set(DepartmentWorkflow.objects.filter(department=department).values_list("locale", flat=True))
    # Names are data, in the language that the instance is set to.
    with translation.override(settings.LANGUAGE_CODE):
        if None not in present:
            _make(department, None)
        for row in department.department_locales.filter(is_source=False).select_related("locale"):
            if row.locale_id not in present:
                _make(department, row.locale)


def approving_groups(workflow: DepartmentWorkflow) -> QuerySet[Group]:
    """Return the groups of the department that may approve in the workflow."""
    rows = Q(role__in=APPROVING, locale=None)
    if workflow.locale_id:
        rows |= Q(role__in=REVIEWING, locale=workflow.locale_id)
    groups = DepartmentGroup.objects.filter(rows, department=workflow.department_id)
    return Group.objects.filter(department_group__in=groups).order_by("name")


def steps_of(workflow: DepartmentWorkflow) -> QuerySet[GroupApprovalTask]:
    """Return the steps of the workflow in their order, with their groups."""
    return (
        GroupApprovalTask.objects.filter(workflow_tasks__workflow=workflow.workflow_id, active=True)
        .order_by("workflow_tasks__sort_order")
        .prefetch_related("groups")
    )


def has_waiting_pages(step: GroupApprovalTask) -> bool:
    """Whether a page waits for somebody to approve it at this step."""
    return TaskState.objects.filter(task=step, status=TaskState.STATUS_IN_PROGRESS).exists()


def set_steps(workflow: DepartmentWorkflow, steps: Iterable[GroupApprovalTask]) -> None:
    """Make these saved steps the workflow's, in this order. A step that no page ever passed goes for good."""
    kept = list(steps)
    gone = GroupApprovalTask.objects.filter(workflow_tasks__workflow=workflow.workflow_id).exclude(
        pk__in=[step.pk for step in kept]
    )
    for step in list(gone):
        WorkflowTask.objects.filter(workflow=workflow.workflow_id, task=step).delete()
        if step.task_states.exists():
            step.deactivate()
        else:
            step.delete()
    for position, step in enumerate(kept):
        WorkflowTask.objects.update_or_create(workflow=workflow.workflow, task=step, defaults={"sort_order": position})


def set_active(workflow: DepartmentWorkflow, *, on: bool, user: Any = None) -> None:
    """Ask for approval from now on, or no longer; then pages that wait go back to their authors."""
    wagtail_workflow = workflow.workflow
    if on and not wagtail_workflow.active:
        wagtail_workflow.active = True
        wagtail_workflow.save(update_fields=["active"])
        _assign(workflow)
    elif not on and wagtail_workflow.active:
        wagtail_workflow.deactivate(user=user)


def _make(department: Department, locale: Locale | None) -> None:
    name = _("Approval – %(department)s") % {"department": department.name}
    if locale is not None:
        name = f"{name} – {locale.get_display_name()}"
    made = Workflow.objects.create(name=name)
    workflow = DepartmentWorkflow.objects.create(workflow=made, department=department, locale=locale)
    step = GroupApprovalTask.objects.create(name=name)
    roles = (*BY_DEFAULT, *REVIEWING)
    step.groups.set(approving_groups(workflow).filter(department_group__role__in=roles))
    set_steps(workflow, [step])
    _assign(workflow)


def _assign(workflow: DepartmentWorkflow) -> None:
    """Assign the workflow to its page, unless somebody of the instance has assigned another there."""
    department, locale = workflow.department, workflow.locale
    page = Page.objects.filter(pk=department.container_id)
    if locale is not None:
        page = department.site.root_page.get_translations().filter(locale=locale)
    if found := page.first():
        WorkflowPage.objects.get_or_create(page_id=found.pk, defaults={"workflow": workflow.workflow})

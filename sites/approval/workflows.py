"""The approval workflows of a department: one for all its pages and one for each language of translation.

Wagtail uses the active workflow of the nearest ancestor. The workflow of a language of translation belongs to the
home page of that language; the reviewers of the language may approve in it. If it is inactive, the department's
workflow, which belongs to the container, applies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.utils import translation
from wagtail.models import GroupApprovalTask, Locale, Page, TaskState, Workflow, WorkflowPage, WorkflowTask

from sites.models import Department, DepartmentGroup, DepartmentWorkflow
from sites.roles import ROLES

# A user who may approve may edit the whole page while it waits, and the last approval publishes it: so an approving
# role holds `change`.
APPROVING_ROLES = tuple(role.key for role in ROLES if "change" in role.page_permissions and not role.for_each_locale)
REVIEWING_ROLES = tuple(role.key for role in ROLES if "publish" in role.page_permissions and role.for_each_locale)
DEFAULT_ROLES = ("administrator", "publisher")


def ensure_workflows(department: Department) -> None:
    """Create the missing workflows of the department; existing ones do not change."""
    locales_with_workflow = set(
        DepartmentWorkflow.objects.filter(department=department).values_list("locale", flat=True)
    )
    # Names are stored in the default language of the instance.
    with translation.override(settings.LANGUAGE_CODE):
        if None not in locales_with_workflow:
            _create(department, None)
        for row in department.department_locales.filter(is_source=False).select_related("locale"):
            if row.locale_id not in locales_with_workflow:
                _create(department, row.locale)


def approving_groups(workflow: DepartmentWorkflow) -> QuerySet[Group]:
    """Return the groups of the department whose members may approve in the workflow."""
    rows = Q(role__in=APPROVING_ROLES, locale=None)
    if workflow.locale_id:
        rows |= Q(role__in=REVIEWING_ROLES, locale=workflow.locale_id)
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
    """Return True if a page waits for approval at this step."""
    return TaskState.objects.filter(task=step, status=TaskState.STATUS_IN_PROGRESS).exists()


def set_steps(workflow: DepartmentWorkflow, steps: Iterable[GroupApprovalTask]) -> None:
    """Replace the steps of the workflow by these saved steps, in this order.

    A removed step is deleted if no page ever reached it, else deactivated.
    """
    kept = list(steps)
    removed = GroupApprovalTask.objects.filter(workflow_tasks__workflow=workflow.workflow_id).exclude(
        pk__in=[step.pk for step in kept]
    )
    for step in list(removed):
        WorkflowTask.objects.filter(workflow=workflow.workflow_id, task=step).delete()
        if step.task_states.exists():
            step.deactivate()
        else:
            step.delete()
    for position, step in enumerate(kept):
        WorkflowTask.objects.update_or_create(workflow=workflow.workflow, task=step, defaults={"sort_order": position})


def set_active(workflow: DepartmentWorkflow, *, is_active: bool, user: Any = None) -> None:
    """Activate or deactivate the workflow; deactivation sends the pages that wait back to their authors."""
    wagtail_workflow = workflow.workflow
    if is_active and not wagtail_workflow.active:
        wagtail_workflow.active = True
        wagtail_workflow.save(update_fields=["active"])
        _assign(workflow)
    elif not is_active and wagtail_workflow.active:
        wagtail_workflow.deactivate(user=user)


def _create(department: Department, locale: Locale | None) -> None:
    workflow = DepartmentWorkflow(department=department, locale=locale)
    name = workflow.default_name
    workflow.workflow = Workflow.objects.create(name=name)
    workflow.save()
    step = GroupApprovalTask.objects.create(name=name)
    roles = (*DEFAULT_ROLES, *REVIEWING_ROLES)
    step.groups.set(approving_groups(workflow).filter(department_group__role__in=roles))
    set_steps(workflow, [step])
    _assign(workflow)


def _assign(workflow: DepartmentWorkflow) -> None:
    """Assign the workflow to the container or to the home page, unless a superuser assigned another one there."""
    department, locale = workflow.department, workflow.locale
    pages = Page.objects.filter(pk=department.container_id)
    if locale is not None:
        pages = department.site.root_page.get_translations().filter(locale=locale)
    if page := pages.first():
        WorkflowPage.objects.get_or_create(page_id=page.pk, defaults={"workflow": workflow.workflow})

"""Serializes groups, view restrictions and workflows. Groups are named by role, without their permissions."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from wagtail.models import CollectionViewRestriction, PageViewRestriction, Workflow

from cms.archive.archive_file import JsonObject
from cms.archive.selection import DepartmentSelection
from sites.models import DepartmentGroup, DepartmentWorkflow


def group_key(row: DepartmentGroup) -> str:
    """Return the key of a group in an archive, such as `editor` or `translator:it`."""
    return f"{row.role}:{row.locale.language_code}" if row.locale else row.role


def restriction_row(restriction: PageViewRestriction | CollectionViewRestriction) -> JsonObject:
    """Return the row of a view restriction, without groups of other departments."""
    row = {
        "type": restriction.restriction_type,
        "password": restriction.password,
        "groups": _group_keys(restriction.groups.all()),
    }
    return {"page": restriction.page_id} | row if isinstance(restriction, PageViewRestriction) else row


def workflow_row(workflow: Workflow, selection: DepartmentSelection) -> JsonObject:
    pages = workflow.workflow_pages.filter(page__path__startswith=selection.container_path).order_by("page__path")
    tasks = [each.task.specific for each in workflow.workflow_tasks.select_related("task").order_by("sort_order")]
    own = DepartmentWorkflow.objects.filter(workflow=workflow, department=selection.department)
    row = own.select_related("locale").first()
    return {
        "name": workflow.name,
        "is_own": row is not None,
        "locale": row.locale.language_code if row and row.locale else None,
        "active": workflow.active,
        "pages": [
            None if each.page_id == selection.department.container_id else each.page_id
            for each in pages.select_related("page")
        ],
        "tasks": [
            {"name": task.name, "active": task.active, "groups": _group_keys(task.groups.all())}
            for task in tasks
            if hasattr(task, "groups")
        ],
    }


def _group_keys(groups: QuerySet[Group]) -> list[str]:
    rows = DepartmentGroup.objects.filter(group__in=groups).select_related("locale")
    return sorted(map(group_key, rows))

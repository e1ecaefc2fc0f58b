"""Describes the parts of a department as lines of text, to compare them before and after a command."""

from __future__ import annotations

from pathlib import PurePosixPath

from wagtail.models import WorkflowPage

from sites.access.ownership import home_pages_of
from sites.models import Department

from .department_groups import existing_group, grants_of, group_specifications

DETAILS = ("contact_email", "contact_phone", "contact_address", "primary_colour", "accent_colour")


def inventory(department: Department | None) -> list[str]:
    """Return one line per part of the department, in creation order; an empty list for None."""
    if department is None:
        return []
    department = Department.objects.select_related("site", "container", "collection").get(pk=department.pk)
    details = {name: " ".join(getattr(department, name).split()) for name in DETAILS}
    lines = [
        f"department {department}",
        *(f"{name} {value}" for name, value in details.items() if value),
        f"container {department.container.slug}",
        f"site {department.site.root_url}/",
        f"collection {department.collection.name}",
        *(f"home {home.locale.language_code}" for home in home_pages_of(department).select_related("locale")),
    ]
    groups = [
        group
        for specification in group_specifications(department)
        if (group := existing_group(department, specification))
    ]
    lines += [f"group {group.name}" for group in groups]
    lines += [f"permission of {group.name}: {grant}" for group in groups for grant in sorted(grants_of(group))]
    workflows = WorkflowPage.objects.filter(page__path__startswith=department.container.path)
    lines += [f"workflow {each.workflow.name}" for each in workflows.select_related("workflow")]
    if department.logo:
        lines.append(f"logo {PurePosixPath(department.logo.file.name).name}")
    return lines

"""Which department an object belongs to. The one place that answers this question."""

from __future__ import annotations

from django.db.models import QuerySet
from wagtail.models import Page

from .models import Department

CONTAINER_DEPTH = 2  # Root is at depth 1.
CONTAINER_PATH_LENGTH = CONTAINER_DEPTH * Page.steplen


def container_path(page_path: str) -> str:
    """Return the tree path of the container above (or at) a page's tree path; "" for Root."""
    return page_path[:CONTAINER_PATH_LENGTH] if len(page_path) >= CONTAINER_PATH_LENGTH else ""


def department_of_page(page: Page) -> Department | None:
    """Return the department in whose container the page stands, or None outside every container."""
    path = container_path(page.path)
    return Department.objects.filter(container__path=path).select_related("site").first() if path else None


def departments_by_container_path() -> dict[str, Department]:
    """Return every department by its container's tree path, with site and locales, for work on many pages."""
    departments: QuerySet[Department] = Department.objects.select_related("site", "container").prefetch_related(
        "department_locales__locale"
    )
    return {department.container.path: department for department in departments}

"""By which way a request reaches a department's site: its own host name, or a path prefix on a shared host."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from sites.access.hosts import department_of_host
from sites.models import Department


@dataclass(frozen=True)
class Arrival:
    """A department's site as one reader came to it.

    `base` stands before every path on the site in the links that this reader gets: "" on the department's own host,
    `/slug` under a prefix, the site's absolute address in a preview. `path` is the path asked for, without it.
    """

    department: Department
    base: str
    path: str

    def address(self, path: str) -> str:
        """Return the address of a path on the department's site."""
        return self.base + path


def arrival_of(request: HttpRequest, path: str) -> Arrival | None:
    """Return where a request for `path` (without its first slash) arrives; None on no department's site."""
    department = department_of_host(request, departments())
    if department is not None:
        return Arrival(department, base="", path=f"/{path}")
    if not settings.READER_PATH_PREFIX:
        return None
    slug, _slash, rest = path.partition("/")
    department = departments().filter(slug=slug).first()
    return None if department is None else Arrival(department, base=f"/{slug}", path=f"/{rest}")


def departments() -> QuerySet[Department]:
    """Return all departments with what their banner needs."""
    return Department.objects.select_related("site", "logo__consent")

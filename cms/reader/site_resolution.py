"""By which way a request reaches a department's site: its own host name, or a path prefix on a shared host."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from sites.access.hosts import department_of_host
from sites.models import Department


@dataclass(frozen=True)
class ResolvedSite:
    """A department's site as one reader came to it.

    `base_url` stands before every path on the site in the links that this reader gets: "" on the department's own host,
    `/slug` under a prefix, the site's absolute address in a preview. `path` is the path asked for, without it.
    """

    department: Department
    base_url: str
    path: str

    def url_for(self, path: str) -> str:
        """Return the address of a path on the department's site."""
        return self.base_url + path


def resolve_site(request: HttpRequest, path: str) -> ResolvedSite | None:
    """Return where a request for `path` (without its first slash) arrives; None on no department's site."""
    department = department_of_host(request, departments_with_logo())
    if department is not None:
        return ResolvedSite(department, base_url="", path=f"/{path}")
    if not settings.READER_PATH_PREFIX:
        return None
    slug, _slash, rest = path.partition("/")
    department = departments_with_logo().filter(slug=slug).first()
    return None if department is None else ResolvedSite(department, base_url=f"/{slug}", path=f"/{rest}")


def departments_with_logo() -> QuerySet[Department]:
    """Return all departments_with_logo with what their banner needs."""
    return Department.objects.select_related("site", "logo__consent")

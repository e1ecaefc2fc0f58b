"""Site resolution: from the host name or the path prefix of a request to a department's site."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from sites.access.hosts import department_of_host
from sites.models import Department


@dataclass(frozen=True)
class ResolvedSite:
    """A department's site, as a request addresses it.

    `base_url` is the prefix of all links to the site's pages: "" on the department's host, `/slug` under a path prefix,
    the site's root URL in a preview. `path` is the requested path without that prefix.
    """

    department: Department
    base_url: str
    path: str

    def url_for(self, path: str) -> str:
        """Return the URL of a path on the site."""
        return self.base_url + path


def resolve_site(request: HttpRequest, path: str) -> ResolvedSite | None:
    """Return the site that a request for `path` (without leading slash) addresses; None if it addresses none."""
    department = department_of_host(request, departments_with_logo())
    if department is not None:
        return ResolvedSite(department, base_url="", path=f"/{path}")
    if not settings.READER_PATH_PREFIX:
        return None
    slug, _slash, rest = path.partition("/")
    department = departments_with_logo().filter(slug=slug).first()
    return None if department is None else ResolvedSite(department, base_url=f"/{slug}", path=f"/{rest}")


def departments_with_logo() -> QuerySet[Department]:
    """Return all departments, with site and logo fetched in the same query."""
    return Department.objects.select_related("site", "logo__consent")

"""Site resolution: from the host name or the path prefix of a request to a department's site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from sites.access.hosts import department_of_host
from sites.models import Department, DepartmentLocale


@dataclass(frozen=True)
class ResolvedSite:
    """A department's site, as a request addresses it.

    `base_url` is the prefix of all links to the site's pages: "" on the department's host, `/slug` under a path prefix,
    the site's root URL in a preview. `path` is the requested path without that prefix. `source_language` is the code of
    the language in which the department writes, "" in a preview.
    """

    department: Department
    base_url: str
    path: str
    source_language: str = ""

    def url_for(self, path: str) -> str:
        """Return the URL of a path on the site."""
        return self.base_url + path


def resolve_site(request: HttpRequest, path: str) -> ResolvedSite | None:
    """Return the site that a request for `path` (without leading slash) addresses; None if it addresses none."""
    department: Any = department_of_host(request, departments_of_requests())
    if department is not None:
        return ResolvedSite(department, "", f"/{path}", department.source_language)
    if not settings.READER_PATH_PREFIX:
        return None
    slug, _slash, rest = path.partition("/")
    department = departments_of_requests().filter(slug=slug).first()
    return None if department is None else ResolvedSite(department, f"/{slug}", f"/{rest}", department.source_language)


def departments_of_requests() -> QuerySet[Any]:
    """Return all departments, with site, logo and `source_language` (its code) fetched in the same query."""
    languages = DepartmentLocale.objects.filter(department=OuterRef("pk"), is_source=True)
    code = Coalesce(Subquery(languages.values("locale__language_code")[:1]), Value(""))
    return Department.objects.select_related("site", "logo__consent").annotate(source_language=code)

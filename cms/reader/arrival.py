"""By which way a request reaches a department's site: its own host name, or a path prefix on a shared host."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.request import split_domain_port

from sites.models import Department

DEFAULT_PORTS = {"http": "80", "https": "443"}


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
    department = _department_of_host(request)
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


def _department_of_host(request: HttpRequest) -> Department | None:
    """Return the department of the request's host name; the port only decides between two of the same name."""
    host, port = split_domain_port(request.get_host())
    found = list(departments().filter(site__hostname=host))
    wanted = port or DEFAULT_PORTS[request.scheme or "http"]
    of_port = [department for department in found if str(department.site.port) == wanted]
    return next(iter(of_port or found), None)

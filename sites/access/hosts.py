"""Finds the department of a request by its host name, and the base of the absolute URLs of its response."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.request import split_domain_port

from sites.models import Department

DEFAULT_PORTS = {"http": "80", "https": "443"}


def department_of_host(request: HttpRequest, departments: QuerySet[Department]) -> Department | None:
    """Return the department whose site has the host name of the request, or None. One query.

    The port matters only if two sites have the same host name. `departments` is the queryset to search in.
    """
    host, port = split_domain_port(request.get_host())
    found = list(departments.filter(site__hostname=host))
    wanted_port = port or DEFAULT_PORTS[request.scheme or "http"]
    with_port = [department for department in found if str(department.site.port) == wanted_port]
    return next(iter(with_port or found), None)


def base_url(request: HttpRequest) -> str:
    """Return scheme, host and port of the absolute URLs of a response, without a final slash. One query.

    Clients can write any port into the Host header, and a proxy may hide the scheme. So all three are those of the
    record of the department's site. Another host keeps its name, with the scheme and port of PUBLIC_BASE_URL.
    """
    department = department_of_host(request, Department.objects.select_related("site"))
    if department is not None:
        return str(department.site.root_url)
    base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    host, _port = split_domain_port(request.get_host())
    return f"{base.scheme}://{host}" + (f":{base.port}" if base.port else "")

"""Finds the department of a request by its host name."""

from __future__ import annotations

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

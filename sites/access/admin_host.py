"""The host of the admin (setting ADMIN_HOST), and the public hosts, which have no session."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port


def is_public_host(request: HttpRequest) -> bool:
    """Return True if the admin has a host of its own and the request is on another host."""
    return bool(settings.ADMIN_HOST) and split_domain_port(request.get_host())[0] != settings.ADMIN_HOST


def admin_host_url(request: HttpRequest) -> str:
    """Return the URL of the request on the host of the admin, with the scheme and port of PUBLIC_BASE_URL."""
    base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    return f"{base.scheme}://{base.netloc}{request.get_full_path()}"

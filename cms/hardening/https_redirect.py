"""Middleware that redirects requests without TLS to https, on the port of the public address."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.request import split_domain_port


class HttpsRedirectMiddleware:
    """Redirects to https if SECURE_SSL_REDIRECT is set.

    Django's SecurityMiddleware, which follows, does the same, but with the port of the Host header, which clients can
    choose. A site with https is on port 443; the host of PUBLIC_BASE_URL may have another port.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure():
            return self.get_response(request)
        host, _port = split_domain_port(request.get_host())
        base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
        place = base.netloc if host == base.hostname and base.scheme == "https" else host
        return HttpResponsePermanentRedirect(f"https://{place}{request.get_full_path()}")

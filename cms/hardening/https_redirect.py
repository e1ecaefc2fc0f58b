"""Middleware that redirects pages requested without TLS to https, and refuses such requests of programs."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.http.request import split_domain_port

# Programs send requests below this path. A redirect would hide that they send data, and tokens, without encryption.
PATH_OF_PROGRAMS = "/api/"


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
        if request.path_info.startswith(PATH_OF_PROGRAMS):
            return _refusal(request)
        base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
        netloc = base.netloc if host == base.hostname and base.scheme == "https" else host
        return HttpResponsePermanentRedirect(f"https://{netloc}{request.get_full_path()}")


def _refusal(request: HttpRequest) -> HttpResponse:
    """Return 403 with a problem document (RFC 9457) that says to use https."""
    problem = {
        "type": "/problems/https-required",
        "title": "Encryption needed",
        "status": 403,
        "detail": "This address answers over https only.",
        "instance": request.path,
    }
    return JsonResponse(problem, status=403, content_type="application/problem+json")

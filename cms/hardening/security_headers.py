"""Security headers of every response: Content-Security-Policy (CSP level 3), Permissions-Policy, caching of the admin.

The default policy (setting CONTENT_SECURITY_POLICY) allows forms only. Pages of the admin and of the reader have the
policies of this module, and stored files the one of `cms.media.file_responses`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

Policy = dict[str, Any]

# Features of browsers that no page of the product uses. Passkeys need `publickey-credentials-*`, whose default is self.
DENIED_FEATURES = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
# Methods of HTTP that any view may know. TRACE and the methods of WebDAV are refused before a view runs.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# URLs of the admin whose responses are the same for everybody, so that browsers may keep them.
CACHEABLE_IN_ADMIN = frozenset(("wagtailadmin_sprite", "wagtailadmin_javascript_catalog"))
# Not cookies: browsers would delete those of the whole domain, which belongs to a council.
CLEARED_AT_LOGOUT = '"cache", "storage"'

PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in DENIED_FEATURES)


def _media_sources() -> list[str]:
    """Return the sources of media files: this host, and the host of MEDIA_URL if it is another one."""
    parts = urlsplit(settings.MEDIA_URL)
    return [SELF, f"{parts.scheme}://{parts.netloc}"] if parts.netloc else [SELF]


def reader_policy(*, frame_ancestors: str = NONE) -> Policy:
    """Return the policy of a page of the reader: scripts and style sheets need the nonce of the response."""
    return {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [NONCE],
        "style-src": [NONCE],
        "img-src": _media_sources(),
        "media-src": _media_sources(),
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [frame_ancestors],
    }


def admin_policy() -> Policy:
    """Return the policy of the admin.

    Wagtail's templates contain inline scripts and style attributes without a nonce, and fragments with inline scripts
    are inserted into pages that have another nonce (docs/decisions/0048-csp-of-the-admin.md). Code of other hosts,
    plug-ins, `eval`, other base URLs and forms that send to other hosts are refused.
    """
    return {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [*_media_sources(), "data:", "blob:"],
        "media-src": _media_sources(),
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
    }


def set_policy(response: HttpResponseBase, policy: Policy) -> None:
    """Set the policy of a response, instead of that of the admin or the default one."""
    response.own_policy = policy  # type: ignore[attr-defined]


def csp_nonce(request: HttpRequest) -> str:
    """Return the nonce of the response. Its use adds it to the policy."""
    return str(request.csp_nonce)  # type: ignore[attr-defined]


def clear_browser_at_logout(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    """Receive `user_logged_out`: the response tells the browser to delete what it has stored of the session."""
    if request is not None:
        request.clears_browser = True  # type: ignore[attr-defined]


class SecurityHeadersMiddleware(CSPMiddleware):
    """Sets the headers. django-csp makes the nonce (`request.csp_nonce`) and writes the policy.

    It is the first middleware, so that redirects, errors and static files have the headers too.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:  # type: ignore[override]
        super().process_request(request)
        return None if request.method in METHODS else HttpResponseNotAllowed(METHODS)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        if _is_of_a_session(request):
            add_never_cache_headers(response)
        if getattr(request, "clears_browser", False):
            response.headers["Clear-Site-Data"] = CLEARED_AT_LOGOUT
        # A browser replaces the headers of the stored page by those of a 304, and the stored page has another nonce.
        if response.status_code == 304:
            return response
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and (own_policy := getattr(response, "own_policy", None)) is not None:
            parts.config = own_policy
        elif not report_only and parts.config is None and _is_in_admin(request):
            parts.config = admin_policy()
        return parts


def _is_in_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith(reverse("wagtailadmin_home"))


def _is_of_a_session(request: HttpRequest) -> bool:
    """Return True if the response may show data of an account, which no cache may keep."""
    match = request.resolver_match
    return _is_in_admin(request) and (match is None or match.view_name not in CACHEABLE_IN_ADMIN)

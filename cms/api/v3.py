"""Wagtail's API, version 3, behind a gate: read-only, and for tokens of instance administrators alone.

Off unless the setting API_V3 says otherwise; `cms.urls` then mounts it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from wagtail.api.v3.auth import BearerTokenAuth
from wagtail.api.v3.urls import api
from wagtail.utils.urlpatterns import decorate_urlpatterns

from sites.access.capabilities import is_unrestricted

from .public_views import UnknownUrlView

# Whatever Wagtail or a package adds beside these is not mounted: writes, actions, revisions, sites, redirects,
# snippets, schemas and documentation.
READ = frozenset(
    (
        *("list_pages", "find_page", "detail_page"),
        *("list_images", "detail_image"),
        *("list_documents", "detail_document"),
    )
)

View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    """Ask for the token of an instance administrator before anything is read; a session does not count.

    Rows are not narrowed by department, so nobody else's token opens anything: for it there is nothing here.
    """

    @wraps(view)
    @require_GET
    @cache_control(private=True, no_store=True)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if BearerTokenAuth()(request) is None:
            refusal = JsonResponse({"message": "This address needs a token."}, status=401)
            refusal["WWW-Authenticate"] = "Bearer"
            return refusal
        if not is_unrestricted(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return gated


def _read_only_patterns() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if getattr(pattern, "name", None) in READ]
    decorate_urlpatterns(patterns, for_administrators)
    return patterns


app_name = "wagtailapi_v3"

urlpatterns = [
    *_read_only_patterns(),
    re_path("", UnknownUrlView.as_view(), name="unknown"),
]

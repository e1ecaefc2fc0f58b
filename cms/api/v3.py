"""Wagtail's API, version 3: read-only, and for tokens of instance administrators only.

`cms.urls` includes it if the setting API_V3 is true. It is off by default.
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
from sites.validation.search_texts import is_too_long_to_search

from .public_views import UnknownUrlView

# No other URL of Wagtail's is included: writes, actions, revisions, sites, redirects, snippets, schemas, documentation.
READ_URL_NAMES = frozenset(
    (
        *("list_pages", "find_page", "detail_page"),
        *("list_images", "detail_image"),
        *("list_documents", "detail_document"),
    )
)

View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    """Return the view, limited to GET requests with the token of an instance administrator.

    A request without a valid token gets 401, even with a session. The token of another user gets 404, because the
    views do not limit rows by department.
    """

    @wraps(view)
    @require_GET
    @cache_control(private=True, no_store=True)
    def view_for_administrators(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if BearerTokenAuth()(request) is None:
            response = JsonResponse({"message": "This address needs a token."}, status=401)
            response["WWW-Authenticate"] = "Bearer"
            return response
        if not is_unrestricted(request.user):
            raise Http404
        if is_too_long_to_search(request.GET.get("search", "")):
            return JsonResponse({"message": "The search is too long."}, status=400)
        return view(request, *args, **kwargs)

    return view_for_administrators


def _read_only_patterns() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if getattr(pattern, "name", None) in READ_URL_NAMES]
    decorate_urlpatterns(patterns, for_administrators)
    return patterns


app_name = "wagtailapi_v3"

urlpatterns = [
    *_read_only_patterns(),
    re_path("", UnknownUrlView.as_view(), name="unknown"),
]

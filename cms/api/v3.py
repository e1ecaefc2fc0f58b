"""Wagtail's API, version 3: read-only, and for tokens of instance administrators only.

`cms.urls` includes it if the setting API_V3 is true. It is off by default.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from wagtail.api.v3.auth import BearerTokenAuth
from wagtail.api.v3.urls import api
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cms.users.login.token_rules import may_have_tokens
from sites.access.capabilities import is_unrestricted
from sites.audit_log.recording import Action, record, record_for_account
from sites.audit_log.refusals import record_refusal
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

    A request without a valid token gets 401, even with a session, and so does the token of an account without a second
    factor that the instance requires. The token of another user gets 404, because the
    views do not limit rows by department.
    """

    @wraps(view)
    @require_GET
    @cache_control(private=True, no_store=True)
    def view_for_administrators(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _is_authenticated(request):
            response = JsonResponse({"message": "This address needs a token."}, status=401)
            response["WWW-Authenticate"] = "Bearer"
            return response
        if not is_unrestricted(request.user):
            record_refusal(request, request.user, request.resolver_match.view_name if request.resolver_match else "")
            raise Http404
        if is_too_long_to_search(request.GET.get("search", "")):
            return JsonResponse({"message": "The search is too long."}, status=400)
        return view(request, *args, **kwargs)

    return view_for_administrators


def _is_authenticated(request: HttpRequest) -> bool:
    """Return True for a valid token of an account that may have one. Record other tokens as failed logins."""
    token = BearerTokenAuth()(request)
    if token is not None and may_have_tokens(token.user):
        return True
    if token is not None:
        record_for_account(Action.LOGIN_FAILED, token.user, request=request, is_refusal=True, method="api_token")
    elif "Authorization" in request.headers:
        record(Action.LOGIN_FAILED, request=request, is_refusal=True, method="api_token")
    request.user = AnonymousUser()
    return False


def _read_only_patterns() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if getattr(pattern, "name", None) in READ_URL_NAMES]
    decorate_urlpatterns(patterns, for_administrators)
    return patterns


app_name = "wagtailapi_v3"

urlpatterns = [
    *_read_only_patterns(),
    re_path("", UnknownUrlView.as_view(), name="unknown"),
]

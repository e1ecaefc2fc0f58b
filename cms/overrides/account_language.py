"""The language of an account, in answers of the admin outside of Wagtail's views and in e-mails.

Replaces: the views of `wagtail.admin.urls`, by the same in the language of the account: the page “not found” and the
    message of a refusal, which Wagtail makes outside of its views, were in the language of the instance; and
    `UserProfile.get_preferred_language`, which returns the active language for an account that has chosen none, so that
    an e-mail was in the language of the person whose request sent it.
Why no hook serves: `display_custom_404` and `require_admin_access` wrap the views in `wagtail.admin.urls` itself. A
    middleware would also set the language of what follows the commit.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/admin/test_account_language.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from wagtail.users.models import UserProfile
from wagtail.utils.urlpatterns import decorate_urlpatterns

from sites.retry_responses import language_of_visitor

View = Callable[..., HttpResponse]


def use_language_of_recipient() -> None:
    """Replace the method. Called once, when the applications are ready."""
    UserProfile.get_preferred_language = _preferred_language


def in_language_of_account(urlpatterns: list[Any]) -> list[Any]:
    """Return the URL patterns of the admin, whose views answer in the language of the account."""
    patterns: list[Any] = decorate_urlpatterns(urlpatterns, _localised)
    return patterns


def _preferred_language(profile: UserProfile) -> str:
    return profile.preferred_language or settings.LANGUAGE_CODE


def _localised(view: View) -> View:
    @wraps(view)
    def localised_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        with translation.override(language_of_visitor(request)):
            return view(request, *args, **kwargs)

    return localised_view

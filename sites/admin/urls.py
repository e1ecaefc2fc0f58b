"""URL patterns below /admin/ that come before Wagtail's: invitations, open without a login, and replaced screens."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from sites.approval import views as approval_views
from sites.members.acceptance_views import AcceptInvitationView, InvitationLinkView
from sites.members.session_views import PasswordResetLinkView, PostOnlyLogoutView

from .screens import collections, redirects, reports
from .screens.rich_text_links import DepartmentExternalLinkView

# Wagtail decorates its own URL patterns in the same way.
_screens: list[Any] = decorate_urlpatterns(
    decorate_urlpatterns(
        [
            path("approval/", include(approval_views)),
            path("collections/", include(collections)),
            path("choose-external-link/", DepartmentExternalLinkView.as_view(), name="choose_external_link"),
            path("redirects/", include(redirects)),
            path("", include(reports)),
        ],
        require_admin_access,
    ),
    never_cache,
)
urlpatterns = [
    path("invitation/", AcceptInvitationView.as_view(), name="invitation"),
    path("invitation/<str:token>/", InvitationLinkView.as_view(), name="invitation_link"),
    path("logout/", PostOnlyLogoutView.as_view(), name="wagtailadmin_logout"),
    path(
        "password_reset/confirm/<uidb64>/<token>/",
        PasswordResetLinkView.as_view(),
        name="wagtailadmin_password_reset_confirm",
    ),
    *_screens,
]

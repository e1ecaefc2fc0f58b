"""Who may call an endpoint that does not say so itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:  # REST framework imports this module while it loads its views.
    from rest_framework.request import Request
    from rest_framework.views import APIView


class AdminAccess(BasePermission):
    """Those who may enter Wagtail's admin, whose own API declares an authentication and no permission.

    Ours authenticate nobody, so an endpoint that forgets its permission is refused to everyone.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.has_perm("wagtailadmin.access_admin"))

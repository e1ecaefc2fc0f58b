"""The default permission of API views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:  # REST framework imports this module while it imports its views.
    from rest_framework.request import Request
    from rest_framework.views import APIView


class AdminAccess(BasePermission):
    """Permission for users who may access Wagtail's admin.

    The admin's own API declares an authentication and no permission. The views of this product declare no
    authentication, so that a view without a declared permission is denied to everyone.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.has_perm("wagtailadmin.access_admin"))

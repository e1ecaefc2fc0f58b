"""The default permission of API views, and the throttle that limits the requests of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle

from sites.rate_limits.limiter import RateLimitExceeded, consume_for_client

from .overrides.django_requests import django_request

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


class ClientThrottle(BaseThrottle):
    """A throttle for views with the attribute `rate_limit`; DRF answers 429 with Retry-After."""

    def __init__(self) -> None:
        self._retry_after = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            consume_for_client(view.rate_limit, django_request(request))
        except RateLimitExceeded as refusal:
            self._retry_after = refusal.retry_after
            return False
        return True

    def wait(self) -> float:
        return self._retry_after

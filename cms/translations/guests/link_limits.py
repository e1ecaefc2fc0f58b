"""The limits of requests with guest links, and of those that make one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from wagtail_localize.models import Translation

from cms.translations.approval import may_review
from cms.translations.models.guest_link import hash_of_token
from sites.access.ownership import department_of_page
from sites.rate_limits.limiter import consume, consume_for_client

from .link_tokens import is_genuine
from .valid_links import page_of


def count_review(request: HttpRequest, arguments: Mapping[str, Any]) -> None:
    """Count a request with a guest link. Raises RateLimitExceeded.

    A guest opens the pages of a long text and saves comments, and several guests may work in one office: genuine links
    have limits of their own. A wrong one counts as a guess, like that of an invitation.
    """
    token = arguments["token"]
    if not is_genuine(token):
        consume_for_client("token.client", request)
        return
    consume("guest_review.link", hash_of_token(token), request=request)
    consume_for_client("guest_review.client", request)


def count_new_link(request: HttpRequest, arguments: Mapping[str, Any]) -> None:
    """Count the form that makes a guest link, and perhaps sends it by e-mail. Raises RateLimitExceeded.

    E-mails count for the address and for the department, if the account may send them: others cannot use them up.
    """
    user: Any = request.user
    if "guest_name" not in request.POST or not user.is_authenticated:
        return
    account = user.get_username()
    consume("guest_link.account", user.pk, request=request, account=account)
    address = request.POST.get("guest_email", "").strip()
    translation = Translation.objects.filter(pk=arguments["translation_id"], enabled=True).first() if address else None
    page = page_of(translation) if translation is not None else None
    department = department_of_page(page) if page is not None and may_review(page, user) else None
    if department is not None:
        consume("guest_link.department", department.pk, request=request, account=account)
        consume("guest_link.recipient", address, request=request, account=account)

"""The tokens of guest links, and the limits of requests with them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

from cms.translations.models.guest_link import hash_of_token
from sites.rate_limits.limiter import consume, consume_for_client

TOKEN_BYTES = 32


def _signer() -> Signer:
    # The separator may not be a character of the token, and needs no escape in a URL.
    return Signer(sep=".", salt="cms.translations.guests")


def new_token() -> str:
    """Return a random token with the signature of this instance."""
    return _signer().sign(secrets.token_urlsafe(TOKEN_BYTES))


def is_genuine(token: str) -> bool:
    """Return True if this instance has signed the token; needs no query."""
    try:
        _signer().unsign(token)
    except BadSignature:
        return False
    return True


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
    """Count the form that makes a guest link, and perhaps sends it by e-mail. Raises RateLimitExceeded."""
    user: Any = request.user
    if "guest_name" not in request.POST or not user.is_authenticated:
        return
    consume("guest_link.account", user.pk, request=request, account=user.get_username())
    if address := request.POST.get("guest_email", "").strip():
        consume("guest_link.recipient", address, request=request, account=user.get_username())

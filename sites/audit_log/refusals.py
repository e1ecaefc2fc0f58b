"""Records that a request of somebody who is logged in was refused (ASVS 5.0, 16.3.2)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpRequest

from sites.rate_limits.limiter import RateLimitExceeded, consume

from .recording import Action, arguments_of_url, record_for_account

RATE_LIMIT = "refusals.account"


def record_refusal(request: HttpRequest, user: Any, url_name: str) -> None:
    """Record the refusal in the log of the departments of the account.

    The department of the object learns nothing, since the number in the URL may be of nothing at all. Beyond the limit
    of an account only the limit is recorded, so that nobody fills the log.
    """
    match = request.resolver_match
    with suppress(RateLimitExceeded):
        consume(RATE_LIMIT, user.pk, request=request, account=user.get_username())
        record_for_account(
            Action.ACCESS_REFUSED,
            user,
            account=user,
            request=request,
            is_refusal=True,
            screen=url_name,
            arguments=arguments_of_url(match.kwargs if match else {}),
        )

"""The limits of URLs: a table by URL name, and rules for all other URLs that take secrets or anonymous forms.

Views run in a transaction, and these limits before it. Code that knows more than the URL calls the limiter itself,
outside a transaction: other ways to log in (`sites.access.auth_backend`), second factors, invitations
(`sites.members.membership`), proposals of sharing (`sites.sharing.transitions`) and search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.http import HttpRequest

from .account_lock import count_login
from .admin_limits import count_admin_request
from .limiter import RateLimitExceeded, consume, consume_for_client, require_remaining_for_client
from .other_sites import SAFE_METHODS

# Names of URL arguments with a secret.
SECRET_ARGUMENTS = frozenset(("token", "uidb64", "key", "code", "secret"))

Arguments = Mapping[str, Any]
Limit = Callable[[HttpRequest, Arguments], None]


def _password_reset(request: HttpRequest, arguments: Arguments) -> None:
    """Limit the requests of a client. The form limits the e-mails to an address, which no answer reveals."""
    consume_for_client("reset.client", request)
    consume_for_client("reset.client_address", request, request.POST.get("email", ""))


def _login(request: HttpRequest, arguments: Arguments) -> None:
    if "username" in request.POST:
        count_login(request, request.POST["username"])


def _collection_password(request: HttpRequest, arguments: Arguments) -> None:
    """Limit the guesses of a client. Beyond the limit of the collection each client has fewer, and is not refused.

    Strangers can use up a limit that all clients share; a reader who knows the password needs one attempt.
    """
    restriction = arguments["restriction_id"]
    consume_for_client("collection_password.client", request, restriction)
    try:
        consume("collection_password.collection", restriction, request=request)
    except RateLimitExceeded:
        consume_for_client("collection_password.client_beyond", request, restriction)


def _guess(request: HttpRequest, arguments: Arguments) -> None:
    """Limit the guesses of a secret."""
    consume_for_client("token.client", request)


def _account_settings(request: HttpRequest, arguments: Arguments) -> None:
    """Limit the guesses of a password by somebody who uses the session of another person."""
    user: Any = request.user
    if user.is_authenticated:
        consume("account.account", user.pk, request=request, account=user.get_username())


# Limits of requests with another method than GET, by URL name.
LIMITS_BY_URL_NAME: dict[str, list[Limit]] = {
    "wagtailadmin_login": [_login],
    "wagtailadmin_password_reset": [_password_reset],
    "wagtaildocs_authenticate_with_password": [_collection_password],
    "wagtailadmin_account": [_account_settings],
}

# Limits of all requests with a secret in the URL, by URL name, instead of the limit of guesses.
LIMITS_OF_SECRET_URLS: dict[str, Limit] = {}


def add_limit(url_name: str, limit: Limit) -> None:
    """Count requests to a URL by a limit of another application. Called when the applications are ready."""
    if limit not in LIMITS_BY_URL_NAME.setdefault(url_name, []):
        LIMITS_BY_URL_NAME[url_name].append(limit)


def add_secret_limit(url_name: str, limit: Limit) -> None:
    """Count requests to a URL with a secret by a limit of another application, which counts guesses itself."""
    LIMITS_OF_SECRET_URLS[url_name] = limit


def count_form(request: HttpRequest) -> None:
    """Count a form that somebody sends without a login. Raises RateLimitExceeded."""
    if request.method not in SAFE_METHODS and not request.user.is_authenticated:
        consume_for_client("form.client", request)


def count_request(request: HttpRequest, url_name: str, arguments: Arguments) -> None:
    """Count a request before its view runs. Raises RateLimitExceeded."""
    if SECRET_ARGUMENTS.intersection(arguments):
        LIMITS_OF_SECRET_URLS.get(url_name, _guess)(request, arguments)
    if "Authorization" in request.headers:
        require_remaining_for_client("credentials.client", request, is_own=True)
    count_admin_request(request, url_name)
    if request.method in SAFE_METHODS:
        return
    for limit in LIMITS_BY_URL_NAME.get(url_name, ()):
        limit(request, arguments)


def count_wrong_credentials(request: HttpRequest) -> None:
    """Count credentials that were answered with 401; the next ones of the client are refused at the limit.

    Requests without credentials do not count: any page can make a browser send them. Those with credentials have one
    count, also if they claim to be of another site: no page of it can send this header, which no answer allows (CORS).
    """
    if "Authorization" not in request.headers:
        return
    with suppress(RateLimitExceeded):
        consume_for_client("credentials.client", request, is_own=True)

"""The OpenID Connect client (authorization code flow with PKCE, state and nonce), by the library Authlib.

The settings name one provider. Its requests have time limits, and its views run outside transactions.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

TIMEOUT_SECONDS = 5
MEDIA_TYPE_OF_JWT = "application/jwt"
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# Values of the claim `amr` (RFC 8176): a key or a code is a second factor beside a password, not alone.
METHODS_BESIDE_PASSWORD = frozenset(("hwk", "otp", "swk"))
# Claims of which only those of the ID token count.
CLAIMS_ABOUT_LOGIN = ("acr", "amr", "auth_time")


# Seconds by which the clock of the provider may differ.
CLOCK_DIFFERENCE = 60
# Key of the session: since when the person must have logged in at the provider, in seconds since 1970.
LOGGED_IN_SINCE = "single_sign_on_since"


class SignOnFailed(Exception):
    """Raised when the provider refuses, does not answer, or answers with something that cannot be trusted.

    `reason` is a code for the audit log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderSession(OAuth2Session):
    """Requests to the provider, which follow no redirect: only URLs of the settings and the metadata are requested."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.max_redirects = 0


class ProviderApp(DjangoOAuth2App):
    """Authlib's client, which accepts ID tokens with one of SIGNATURES only, whatever the metadata list."""

    client_cls = ProviderSession

    def load_server_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = super().load_server_metadata()
        offered = metadata.get("id_token_signing_alg_values_supported") or ()
        # RS256 is the one that every provider must support (OpenID Connect Discovery, section 3).
        metadata["id_token_signing_alg_values_supported"] = [name for name in SIGNATURES if name in offered] or [
            "RS256"
        ]
        return metadata


@dataclass(frozen=True)
class VerifiedPerson:
    """The person that the provider has verified. `email` is "" unless the provider has confirmed the address."""

    issuer: str
    subject: str
    email: str
    first_name: str
    last_name: str
    has_second_factor: bool


def is_configured() -> bool:
    """Return True if the settings name a provider."""
    return bool(settings.OIDC)


def is_awaited(request: HttpRequest) -> bool:
    """Return True if the session waits for the answer of the provider, whose page sends the browser back."""
    return LOGGED_IN_SINCE in request.session


def begin(request: HttpRequest, *, log_in_again: bool = False) -> str:
    """Store state, nonce and code verifier in the session, and return the URL of the provider. Raise SignOnFailed.

    With `log_in_again` the provider must ask the person again, which `complete` verifies.
    """
    parameters: dict[str, str] = {}
    longest: int | None = settings.OIDC["max_age"]
    if log_in_again:
        parameters["prompt"], longest = "login", 0
    if longest is not None:
        parameters["max_age"] = str(longest)
    if settings.OIDC["acr_values"]:
        parameters["acr_values"] = " ".join(settings.OIDC["acr_values"])
    try:
        url = str(_client().authorize_redirect(request, _return_url(request), **parameters).url)
    except (AuthlibBaseError, RequestException, RuntimeError, ValueError) as failure:
        raise SignOnFailed("provider_unavailable") from failure
    request.session[LOGGED_IN_SINCE] = None if longest is None else time.time() - longest
    return url


def complete(request: HttpRequest, *, logged_in_again: bool = False) -> VerifiedPerson:
    """Exchange the code of the request for claims, verify them, and return the person. Raise SignOnFailed.

    With `logged_in_again` only an answer to `begin` with `log_in_again` is accepted.
    """
    client = _client()
    try:
        since = request.session.pop(LOGGED_IN_SINCE)  # KeyError: there is no open question to the provider.
        if logged_in_again and since is None:
            raise SignOnFailed("authentication_too_old")
        token = client.authorize_access_token(request)
        claims = dict(token.get("userinfo") or {})
        metadata = client.load_server_metadata()
        if metadata.get("issuer") != settings.OIDC["issuer"] or not claims.get("sub"):
            raise SignOnFailed("not_verified")
        _require_recent_login(claims, since)
        _require_context(claims)
        if endpoint := metadata.get("userinfo_endpoint"):
            claims = _merge_userinfo(client, client.get(endpoint, token=token), claims)
    except RequestException as failure:
        raise SignOnFailed("provider_unavailable") from failure
    except (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError, TypeError) as failure:
        raise SignOnFailed("not_verified") from failure
    return person_from_claims(claims)


def _require_recent_login(claims: dict[str, Any], since: float | None) -> None:
    """Raise SignOnFailed unless the ID token says that the person logged in at the provider after this time.

    The claim is required when `max_age` was sent (OpenID Connect Core, section 2), as it is for every second login.
    """
    if since is None:  # Any login at the provider is accepted.
        return
    moment = claims.get("auth_time")
    if not isinstance(moment, int | float) or moment < since - CLOCK_DIFFERENCE:
        raise SignOnFailed("authentication_too_old")


def _require_context(claims: dict[str, Any]) -> None:
    """Raise SignOnFailed unless the ID token names an authentication context that the settings ask for, if they do."""
    accepted = {*settings.OIDC["acr_values"], *settings.OIDC["second_factor_acr"]}
    if settings.OIDC["acr_values"] and claims.get("acr") not in accepted:
        raise SignOnFailed("wrong_context")


def person_from_claims(claims: dict[str, Any]) -> VerifiedPerson:
    """Return the person that verified claims describe.

    An address counts if the claim `email_verified` is true, or if the settings say that the provider confirms every
    address (ProConnect sends no such claim).
    """
    is_confirmed = claims.get("email_verified") is True or settings.OIDC["confirms_addresses"]
    email = claims.get("email")
    amr = claims.get("amr")
    methods = set(map(str, amr)) if isinstance(amr, list) else set()
    has_second_factor = (
        claims.get("acr") in settings.OIDC["second_factor_acr"]
        or "mfa" in methods
        or ("pwd" in methods and not METHODS_BESIDE_PASSWORD.isdisjoint(methods))
    )
    return VerifiedPerson(
        issuer=settings.OIDC["issuer"],
        subject=str(claims["sub"])[:255],
        email=email.strip().lower() if is_confirmed and isinstance(email, str) else "",
        first_name=str(claims.get("given_name") or "")[:150],
        # ProConnect has `usual_name` in place of `family_name`.
        last_name=str(claims.get("family_name") or claims.get("usual_name") or "")[:150],
        has_second_factor=has_second_factor,
    )


def _merge_userinfo(client: Any, response: Any, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims of the ID token with those of the userinfo endpoint; the ID token wins.

    The subject must be the same (OpenID Connect Core, section 5.3.2). A signed answer is verified.
    """
    response.raise_for_status()
    if response.headers.get("Content-Type", "").startswith(MEDIA_TYPE_OF_JWT):
        keys = KeySet.import_key_set(client.fetch_jwk_set(force=True))
        decoded = jwt.decode(response.text, keys, algorithms=list(SIGNATURES))
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": settings.OIDC["issuer"]},
            aud={"essential": True, "value": settings.OIDC["client_id"]},
        )
        registry.validate(decoded.claims)
        userinfo = dict(decoded.claims)
    else:
        userinfo = response.json()
    if userinfo.get("sub") != claims["sub"]:
        raise SignOnFailed("not_verified")
    return {name: value for name, value in userinfo.items() if name not in CLAIMS_ABOUT_LOGIN} | claims


def _return_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("single_sign_on_return"))


def _client() -> Any:
    return _client_of(settings.OIDC["issuer"], settings.OIDC["client_id"], settings.OIDC["client_secret"])


@cache
def _client_of(issuer: str, client_id: str, client_secret: str) -> Any:
    """Return a client; it keeps the metadata and keys of the provider after the first use."""
    return OAuth().register(
        "provider",
        client_cls=ProviderApp,
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.OIDC["scope"],
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )

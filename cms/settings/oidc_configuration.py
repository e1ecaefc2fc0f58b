"""The OpenID Connect provider (setting OIDC); docs/operations.md describes the variables."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .environment import Environment


def oidc_configuration(env: Environment) -> dict[str, Any]:
    """Return the provider, the client and what is asked of the provider; an empty dictionary without OIDC_ISSUER.

    Raise ImproperlyConfigured if the client is missing or the scope is not one of OpenID Connect.
    """
    issuer = env.url("OIDC_ISSUER", default="", keep_slash=True)
    if not issuer:
        return {}
    configuration: dict[str, Any] = {
        "issuer": issuer,
        "name": env.text("OIDC_NAME", default="OpenID Connect"),
        "client_id": env.text("OIDC_CLIENT_ID", default=""),
        "client_secret": env.text("OIDC_CLIENT_SECRET", default=""),
        "scope": env.text("OIDC_SCOPE", default="openid email profile"),
        "acr_values": env.names("OIDC_ACR_VALUES"),
        "max_age": env.number("OIDC_MAX_AGE", default=0) or None,
        "second_factor_acr": env.names("OIDC_SECOND_FACTOR_ACR"),
        "confirms_addresses": env.boolean("OIDC_CONFIRMS_ADDRESSES", default=False),
    }
    if not configuration["client_id"] or not configuration["client_secret"]:
        raise ImproperlyConfigured("OIDC_ISSUER is set: OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set too.")
    if "openid" not in configuration["scope"].split():
        raise ImproperlyConfigured("OIDC_SCOPE must contain openid.")
    return configuration

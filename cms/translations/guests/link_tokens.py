"""The tokens of guest links."""

from __future__ import annotations

import secrets

from django.core.signing import BadSignature, Signer

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

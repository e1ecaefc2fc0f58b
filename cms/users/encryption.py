"""Encryption of stored secrets with a key that is derived from SECRET_KEY."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"cms.users.second_factor"

__all__ = ["InvalidToken", "decrypt", "encrypt"]


def encrypt(value: Any, purpose: str) -> str:
    """Return a value of JSON, encrypted and authenticated (Fernet)."""
    return _fernet().encrypt(json.dumps([purpose, value]).encode()).decode()


def decrypt(token: str, purpose: str, max_age: int | None = None) -> Any:
    """Return the value that `encrypt` received with this purpose.

    Raise InvalidToken for other tokens and for those older than `max_age` seconds.
    """
    stored_purpose, value = json.loads(_fernet().decrypt(token.encode(), ttl=max_age))
    if stored_purpose != purpose:
        raise InvalidToken
    return value


def _fernet() -> MultiFernet:
    """Return a cipher of SECRET_KEY that also reads what SECRET_KEY_FALLBACKS have encrypted."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derive_key(secret)) for secret in secrets])


def _derive_key(secret: str | bytes) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return base64.urlsafe_b64encode(derivation.derive(force_bytes(secret)))

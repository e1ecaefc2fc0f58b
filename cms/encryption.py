"""Encryption of stored secrets (AES-256-GCM) with a key that is derived from SECRET_KEY."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

PREFIX = "gcm."
NONCE_BYTES = 12
# The name that the module had when the first secrets were stored: it is part of the key.
KEY_OF_GCM = b"cms.users.encryption"
# Secrets that were stored before AES-256-GCM, without PREFIX: read only.
KEY_OF_FERNET = b"cms.users.second_factor"

__all__ = ["InvalidToken", "decrypt", "encrypt", "is_current"]


def encrypt(value: Any, purpose: str) -> str:
    """Return a value of JSON, encrypted and authenticated together with its purpose and the time."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    text = json.dumps([int(time.time()), value]).encode()
    sealed = _gcm(settings.SECRET_KEY).encrypt(nonce, text, purpose.encode())
    return PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()


def decrypt(token: str, purpose: str, max_age: int | None = None) -> Any:
    """Return the value that `encrypt` received with this purpose, also if SECRET_KEY has changed since.

    Raise InvalidToken for other tokens and for those older than `max_age` seconds.
    """
    if not token.startswith(PREFIX):
        return _decrypt_fernet(token, purpose, max_age)
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        opened = _open(secret, token, purpose)
        if opened is not None:
            stored_at, value = opened
            if max_age is not None and not 0 <= time.time() - stored_at <= max_age:
                raise InvalidToken
            return value
    raise InvalidToken


def is_current(token: str, purpose: str) -> bool:
    """Return True if the token is encrypted with the present algorithm and the present SECRET_KEY."""
    return token.startswith(PREFIX) and _open(settings.SECRET_KEY, token, purpose) is not None


def _open(secret: str | bytes, token: str, purpose: str) -> Any:
    """Return the time and the value of a token, or None if another key or purpose has made it."""
    try:
        content = base64.urlsafe_b64decode(token.removeprefix(PREFIX))
        text = _gcm(secret).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError, binascii.Error):
        return None
    return json.loads(text)


def _decrypt_fernet(token: str, purpose: str, max_age: int | None) -> Any:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    cipher = MultiFernet([Fernet(base64.urlsafe_b64encode(_derive_key(key, KEY_OF_FERNET))) for key in keys])
    stored_purpose, value = json.loads(cipher.decrypt(token.encode(), ttl=max_age))
    if stored_purpose != purpose:
        raise InvalidToken
    return value


def _gcm(secret: str | bytes) -> AESGCM:
    return AESGCM(_derive_key(secret, KEY_OF_GCM))


def _derive_key(secret: str | bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(force_bytes(secret))

"""Numbers in URLs that only this instance can make: primary keys that must not be guessed."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer


class SignedNumberConverter:
    """A path converter of a number with its signature. A URL with another signature does not match: 404."""

    regex = r"[0-9]+:[A-Za-z0-9_-]+"
    _signer = Signer(salt="number in a URL")

    def to_python(self, value: str) -> int:
        try:
            return int(self._signer.unsign(value))
        except BadSignature:
            raise ValueError from None

    def to_url(self, value: int) -> str:
        return self._signer.sign(str(int(value)))

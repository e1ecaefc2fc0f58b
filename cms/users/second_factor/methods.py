"""Authenticator apps and recovery codes: enrolment, verification, removal."""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
import time
from typing import Any

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from cms.encryption import InvalidToken, decrypt, encrypt, is_current
from cms.users.models import AuthenticatorApp, Passkey, RecoveryCode, User

PURPOSE_OF_SECRET = "totp"  # noqa: S105
STEP_SECONDS = 30
# Time steps before and after the present one that are accepted, since clocks differ (RFC 6238, section 5.2).
ACCEPTED_STEPS = 1
NUMBER_OF_RECOVERY_CODES = 10
RECOVERY_CODE_BYTES = 15  # 120 bits
# The kind of a code, for the audit log.
APP = "app"
RECOVERY_CODE = "recovery_code"


def new_secret() -> str:
    """Return a random secret of 160 bits in base 32 (RFC 4226, section 4)."""
    return pyotp.random_base32()


def provisioning_uri(user: User, secret: str) -> str:
    """Return the `otpauth:` URI that an app reads from the QR code."""
    with override(settings.LANGUAGE_CODE):
        issuer = str(settings.WAGTAIL_SITE_NAME)
    return pyotp.TOTP(secret).provisioning_uri(name=user.get_username(), issuer_name=issuer)


def qr_code(text: str) -> str:
    """Return the QR code of a text as the `data:` URI of an SVG picture."""
    picture = io.BytesIO()
    segno.make(text, error="m").save(picture, kind="svg", scale=5, border=4, light="#fff")
    return "data:image/svg+xml;base64," + base64.b64encode(picture.getvalue()).decode()


def matching_step(secret: str, code: str) -> int | None:
    """Return the time step for which the secret produces the code, or None if no accepted step does."""
    now = int(time.time()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    digits = "".join(code.split())
    for step in range(now - ACCEPTED_STEPS, now + ACCEPTED_STEPS + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return None


@transaction.atomic
def add_app(user: User, name: str, secret: str, step: int) -> list[str]:
    """Store an app whose code for the time step `step` has been verified. Return recovery codes for a first factor."""
    AuthenticatorApp.objects.create(
        user=user, name=name, encrypted_secret=encrypt(secret, PURPOSE_OF_SECRET), last_step=step
    )
    return factors_changed(user)


@transaction.atomic
def use_code(user: User, code: str) -> str:
    """Return APP or RECOVERY_CODE if the account has this code, otherwise "". Each code is accepted once."""
    for app in user.authenticatorapps.all():
        step = matching_step(decrypt(app.encrypted_secret, PURPOSE_OF_SECRET), code)
        # Only the first of two concurrent requests with the same code updates the row.
        rows = AuthenticatorApp.objects.filter(pk=app.pk, last_step__lt=step or 0)
        if step and rows.update(last_step=step, last_used_at=timezone.now()):
            return APP
    digest = _hash_of_recovery_code(code)
    unused = user.recoverycodes.filter(code_hash=digest, last_used_at=None)
    return RECOVERY_CODE if unused.update(last_used_at=timezone.now()) else ""


@transaction.atomic
def replace_recovery_codes(user: User) -> list[str]:
    """Return new recovery codes, which replace those that the account has."""
    codes = [_new_recovery_code() for _number in range(NUMBER_OF_RECOVERY_CODES)]
    user.recoverycodes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash_of_recovery_code(code)) for code in codes)
    return codes


class LastFactorError(Exception):
    """Raised instead of removing the last second factor of an account that needs one."""


@transaction.atomic
def remove_factor(
    user: User, model: type[AuthenticatorApp] | type[Passkey], pk: int, *, keeps_one: bool = False
) -> bool:
    """Remove one second factor of the account. Return False if it has none with this key.

    With `keeps_one`, raise LastFactorError for the last factor.
    """
    # Two sessions may remove the last two factors at the same time.
    User.objects.select_for_update().filter(pk=user.pk).first()
    if keeps_one and user.authenticatorapps.count() + user.passkeys.count() == 1:
        raise LastFactorError
    deleted, _rows = model.objects.filter(user=user, pk=pk).delete()
    if deleted:
        factors_changed(user)
    return bool(deleted)


@transaction.atomic
def remove_all_factors(user: User) -> None:
    """Remove all second factors and recovery codes of the account."""
    user.authenticatorapps.all().delete()
    user.passkeys.all().delete()
    factors_changed(user)


def factors_changed(user: User) -> list[str]:
    """Replace the second-factor key of the account, so that its other sessions need the second factor again.

    Return recovery codes if this is the first factor, else an empty list. Without a factor the codes are deleted.
    """
    # Changes in two sessions at the same time wait for each other.
    User.objects.select_for_update().filter(pk=user.pk).first()
    has_factors = user.authenticatorapps.exists() or user.passkeys.exists()
    is_first = has_factors and not user.second_factor_key
    user.second_factor_key = secrets.token_hex(16) if has_factors else ""
    user.save(update_fields=["second_factor_key"])
    if not has_factors:
        user.recoverycodes.all().delete()
    return replace_recovery_codes(user) if is_first else []


def _new_recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_CODE_BYTES)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _hash_of_recovery_code(code: str) -> str:
    letters = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(letters.encode()).hexdigest()


def encrypt_secrets_again() -> tuple[int, int]:
    """Encrypt the secrets of all apps with the present SECRET_KEY, each in a transaction of its own.

    Return the number of secrets that were encrypted again, and of those that no known key decrypts.
    """
    encrypted = unreadable = 0
    for key in AuthenticatorApp.objects.values_list("pk", flat=True):
        with transaction.atomic():
            app = AuthenticatorApp.objects.select_for_update().filter(pk=key).first()
            if app is None or is_current(app.encrypted_secret, PURPOSE_OF_SECRET):
                continue
            try:
                secret = decrypt(app.encrypted_secret, PURPOSE_OF_SECRET)
            except InvalidToken:
                unreadable += 1
                continue
            app.encrypted_secret = encrypt(secret, PURPOSE_OF_SECRET)
            app.save(update_fields=["encrypted_secret"])
            encrypted += 1
    return encrypted, unreadable


def describe(user: Any) -> dict[str, Any]:
    """Return the factors of an account for its screen."""
    return {
        "apps": list(user.authenticatorapps.all()),
        "passkeys": list(user.passkeys.all()),
        "identities": list(user.singlesignonidentitys.all()),
        "recovery_codes_left": user.recoverycodes.filter(last_used_at=None).count(),
    }

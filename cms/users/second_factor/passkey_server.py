"""Registration and verification of passkeys (Web Authentication level 2), with the library fido2.

The state of a ceremony, which holds the challenge, is in the session and is used once.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cms.users.models import Passkey, User

from .methods import factors_changed

REGISTRATION = "passkey_registration"
VERIFICATION = "passkey_verification"


class InvalidPasskey(Exception):
    """Raised when the answer of a browser is not a valid one to the challenge of this session."""


def host_of(request: HttpRequest) -> str:
    """Return the host name for which passkeys are valid (the id of the relying party)."""
    return split_domain_port(request.get_host())[0]


def passkeys_here(request: HttpRequest, user: User) -> list[Passkey]:
    """Return the passkeys of the account that the host of the request can ask for."""
    return list(user.passkeys.filter(host=host_of(request)))


def begin_registration(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the options for `navigator.credentials.create`."""
    entity = PublicKeyCredentialUserEntity(id=str(user.pk).encode(), name=user.get_username(), display_name=str(user))
    options, state = _server(request).register_begin(
        entity,
        _credentials(passkeys_here(request, user)),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[REGISTRATION] = state
    return dict(options)


@transaction.atomic
def complete_registration(request: HttpRequest, user: User, name: str, answer: str) -> list[str]:
    """Store the passkey. Return new recovery codes for a first factor. Raise InvalidPasskey."""
    try:
        data = _server(request).register_complete(request.session.pop(REGISTRATION), json.loads(answer))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as refusal:
        raise InvalidPasskey from refusal
    credential = data.credential_data
    if credential is None or Passkey.objects.filter(credential_id=credential.credential_id).exists():
        raise InvalidPasskey
    Passkey.objects.create(
        user=user,
        name=name,
        host=host_of(request),
        credential_id=credential.credential_id,
        credential_data=bytes(credential),
        sign_count=data.counter,
    )
    return factors_changed(user)


def begin_verification(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the options for `navigator.credentials.get`."""
    options, state = _server(request).authenticate_begin(
        _credentials(passkeys_here(request, user)), user_verification=UserVerificationRequirement.PREFERRED
    )
    request.session[VERIFICATION] = state
    return dict(options)


@transaction.atomic
def complete_verification(request: HttpRequest, user: User, answer: str) -> None:
    """Check the answer of a passkey of the account. Raise InvalidPasskey.

    A counter that does not grow is one of a copied passkey (section 6.1.1 of the standard). Synchronised passkeys
    always send 0.
    """
    passkeys = passkeys_here(request, user)
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        state = request.session.pop(VERIFICATION)
        used = _server(request).authenticate_complete(state, _credentials(passkeys), response)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as refusal:
        raise InvalidPasskey from refusal
    count = response.response.authenticator_data.counter
    passkey = Passkey.objects.select_for_update().get(user=user, credential_id=used.credential_id)
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise InvalidPasskey
    passkey.sign_count, passkey.last_used_at = count, timezone.now()
    passkey.save(update_fields=["sign_count", "last_used_at"])


def _server(request: HttpRequest) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host_of(request), name=str(settings.WAGTAIL_SITE_NAME)))


def _credentials(passkeys: list[Passkey]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(passkey.credential_data)) for passkey in passkeys]

"""The account of a person that the OpenID provider has verified.

An account belongs to a person through a stored identity. An address alone never gives access to an account or a role:
the identity is stored when the person is logged in to the account, or accepts an invitation to the confirmed address.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cms.users.models import SingleSignOnIdentity, User
from sites.members import membership
from sites.members.addresses import (
    account_with_address,
    free_username,
    has_proven_address,
    is_placeholder,
    release_address,
)
from sites.models import Invitation

from .provider import VerifiedPerson


def open_invitation_for(person: VerifiedPerson, token_hash: str = "") -> Invitation | None:
    """Return the open invitation of the link if it is to the confirmed address, else the latest to the address."""
    if not person.email:
        return None
    invitations = Invitation.objects.open().select_related("department").filter(email=person.email)
    by_link = invitations.filter(token_hash=token_hash).first() if token_hash else None
    return by_link or invitations.order_by("-created_at", "-pk").first()


@transaction.atomic
def connect(user: Any, person: VerifiedPerson) -> None:
    """Let the person log in to the account, which is that of the session.

    Raise PermissionDenied unless the provider has confirmed the address of the account, and if one of the two
    is connected already.
    """
    is_same_address = bool(person.email) and person.email == user.email.lower()
    taken = SingleSignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject).exists()
    if not is_same_address or taken or user.singlesignonidentitys.filter(issuer=person.issuer).exists():
        raise PermissionDenied
    SingleSignOnIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)


@transaction.atomic
def accept(person: VerifiedPerson, invitation: Invitation) -> User:
    """Create an account without a password for an invited person, and give it the roles of the invitation.

    An account that occupies the address without having confirmed it loses it; that of an author of imported content
    becomes the person's. Raise PermissionDenied if the invitation is to another address, is no longer open, or a
    confirmed account has the address: its owner logs in and connects the provider there.
    """
    is_invited = bool(person.email) and person.email == invitation.email
    is_connected = SingleSignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject).exists()
    holder = account_with_address(person.email) if is_invited else None
    if not is_invited or is_connected or (holder is not None and has_proven_address(holder)):
        raise PermissionDenied
    user = holder if holder is not None and is_placeholder(holder) else User()
    if holder is not None and holder is not user:
        release_address(holder)
    user.username, user.email = free_username(person.email, keep=user), person.email
    user.first_name, user.last_name, user.is_active = person.first_name, person.last_name, True
    user.set_unusable_password()
    user.save()
    SingleSignOnIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)
    membership.accept_invitation(invitation, user)
    return user

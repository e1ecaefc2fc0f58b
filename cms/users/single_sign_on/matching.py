"""The account of a person that the OpenID provider has verified.

An account belongs to a person through a stored identity. An address alone never gives access to an account or a role:
the identity is stored when the person is logged in to the account, or accepts an invitation to the confirmed address.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from cms.users.models import SingleSignOnIdentity, User
from sites.members import membership
from sites.members.addresses import (
    account_with_address,
    free_username,
    has_proven_address,
    is_closed,
    is_placeholder,
    release_address,
    strip_closed_account,
)
from sites.models import Invitation

from .backend import SingleSignOnBackend
from .provider import VerifiedPerson


def open_invitation_for(person: VerifiedPerson, token_hash: str = "") -> Invitation | None:
    """Return the open invitation of the link if it is to the confirmed address, else the latest to the address."""
    if not person.email:
        return None
    invitations = Invitation.objects.open().select_related("department").filter(email=person.email)
    by_link = invitations.filter(token_hash=token_hash).first() if token_hash else None
    return by_link or invitations.order_by("-created_at", "-pk").first()


def account_of_identity(request: HttpRequest, person: VerifiedPerson) -> Any:
    """Return the active account that the identity is connected to, or None.

    Django's `authenticate` would report a failed login of every person who is invited.
    """
    return SingleSignOnBackend().authenticate(request, issuer=person.issuer, subject=person.subject)


def closed_account_of(person: VerifiedPerson) -> Any:
    """Return the closed account that the identity is connected to, or None."""
    found = User.objects.filter(is_active=False, singlesignonidentitys__subject=person.subject)
    return found.filter(singlesignonidentitys__issuer=person.issuer).first()


def _free_identity(person: VerifiedPerson) -> None:
    """Disconnect the identity from a closed account, so that its owner can connect another account."""
    identities = SingleSignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
    identities.filter(user__is_active=False, user__is_superuser=False).delete()


@transaction.atomic
def connect(user: Any, person: VerifiedPerson) -> None:
    """Connect the identity of the person to the account of the session, so that the person can log in to it.

    Raise PermissionDenied if the provider has not confirmed the address of the account, or if the identity or the
    account is connected already.
    """
    is_same_address = bool(person.email) and person.email == user.email.lower()
    if is_same_address:
        _free_identity(person)
    taken = SingleSignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject).exists()
    if not is_same_address or taken or user.singlesignonidentitys.filter(issuer=person.issuer).exists():
        raise PermissionDenied
    SingleSignOnIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)


@transaction.atomic
def accept(person: VerifiedPerson, invitation: Invitation) -> User:
    """Create an account without a password for an invited person, and give it the roles of the invitation.

    If an account has the address already: the account of an author of imported content and a closed account are given
    to the person, the latter without its former credentials; another account that never confirmed the address loses it.
    Raise PermissionDenied if the invitation is to another address or no longer open, or if a confirmed account has the
    address; its owner can log in and connect the provider there.
    """
    is_invited = bool(person.email) and person.email == invitation.email
    if is_invited:
        _free_identity(person)
    is_connected = SingleSignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject).exists()
    holder = account_with_address(person.email) if is_invited else None
    if not is_invited or is_connected or (holder is not None and has_proven_address(holder)):
        raise PermissionDenied
    user = holder if holder is not None and (is_placeholder(holder) or is_closed(holder)) else User()
    if holder is not None and holder is not user:
        release_address(holder)
    elif holder is not None and is_closed(holder):
        strip_closed_account(holder)
    user.username, user.email = free_username(person.email, keep=user), person.email
    user.first_name, user.last_name, user.is_active = person.first_name, person.last_name, True
    user.set_unusable_password()
    user.save()
    SingleSignOnIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)
    membership.accept_invitation(invitation, user)
    return user

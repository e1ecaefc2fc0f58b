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

    Raise PermissionDenied if the invitation is to another address, is no longer open, or the address has an account:
    its owner logs in and connects the provider there.
    """
    is_invited = bool(person.email) and person.email == invitation.email
    is_taken = (
        User.objects.filter(email__iexact=person.email).exists()
        or User.objects.filter(username__iexact=person.email).exists()
        or SingleSignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject).exists()
    )
    if not is_invited or is_taken:
        raise PermissionDenied
    user = User(username=person.email, email=person.email, first_name=person.first_name, last_name=person.last_name)
    user.set_unusable_password()
    user.save()
    SingleSignOnIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)
    membership.accept_invitation(invitation, user)
    return user

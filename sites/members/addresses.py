"""E-mail addresses of accounts: which are confirmed, and who gets an address that an unconfirmed account occupies.

An address is confirmed (`email_confirmed_at` of the account) when its owner has opened a link that was sent to it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.dispatch import Signal
from django.utils import timezone

from sites.people.request_context import handling

User = get_user_model()

account_stripped = Signal()
"""Sent with `account` before a closed account is opened again: receivers delete what else gave access to it."""

LONGEST_USERNAME = 140
UNCONFIRMED_DOMAIN = "@unconfirmed.invalid"


def account_with_address(email: str) -> Any:
    """Return the account with this address, confirmed or not, or None."""
    return User._default_manager.filter(email__iexact=email).first()


def has_proven_address(account: Any) -> bool:
    """Return True if the account keeps its address when somebody else proves to read e-mail at this address.

    A closed account does not: nobody uses it, and a department that closed it must not block the address elsewhere.
    """
    return bool(account.is_superuser or (account.email_confirmed_at and account.is_active))


def is_placeholder(account: Any) -> bool:
    """Return True for the author of imported content who has never had access: the first proof claims the account."""
    has_owner = account.is_superuser or account.email_confirmed_at or account.last_login
    return not (has_owner or account.has_usable_password())


def is_closed(account: Any) -> bool:
    """Return True for the closed account of a person who has confirmed the address: an invitation opens it again."""
    return bool(account.email_confirmed_at and not account.is_active and not account.is_superuser)


def create_placeholder(email: str, first_name: str, last_name: str, is_active: bool) -> Any:
    """Create an account without password, role and confirmed address, as the author of imported content."""
    account = User(
        email=email.lower(),
        username=free_username(email),
        first_name=first_name[:150],
        last_name=last_name[:150],
        is_active=is_active,
    )
    account.set_unusable_password()
    account.save()
    return account


def release_address(account: Any) -> None:
    """Take an address from an account that has not confirmed it, or is closed, for the person who reads e-mail there.

    The account keeps its roles and its name at login. Its new address is in a domain that can never exist (RFC 2606).
    """
    account.email, account.email_confirmed_at = f"account-{account.pk}{UNCONFIRMED_DOMAIN}", None
    with handling(None):  # The audit log of its department must not name the other person, nor the client.
        account.save(update_fields=["email", "email_confirmed_at"])


def strip_closed_account(account: Any) -> None:
    """Take everything from a closed account that gave access: roles, second factors, identities at a login service.

    It is opened again for the department of an invitation only, with the password or the identity that the invited
    person brings. The history of other departments stays with the account.
    """
    with handling(None):  # The audit logs of its departments must not name who opens it elsewhere, nor the client.
        account.groups.clear()
        account.user_permissions.clear()
        account_stripped.send(sender=type(account), account=account)


def confirm_address(account: Any) -> None:
    """Store that the owner of the account has opened a link that was sent to its address."""
    if account.email_confirmed_at is None:
        account.email_confirmed_at = timezone.now()
        account.save(update_fields=["email_confirmed_at"])


def free_username(email: str, *, keep: Any = None) -> str:
    """Return the address as a name at login, or with a number if another account than `keep` has this name."""
    wanted = email.lower()[:LONGEST_USERNAME]
    others = User._default_manager.exclude(pk=keep.pk) if keep is not None else User._default_manager.all()
    username, number = wanted, 1
    while others.filter(username__iexact=username).exists():
        number += 1
        username = f"{wanted}-{number}"
    return username

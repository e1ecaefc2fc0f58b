"""Deletes what else gave access to a closed account, before an invitation opens it again."""

from __future__ import annotations

from typing import Any

from cms.users.credential_models import Credential
from sites.members.addresses import account_stripped

from .ended_access import end_access


def connect_signals() -> None:
    """Connect the receiver. Called once, when the applications are ready."""
    account_stripped.connect(delete_credentials, dispatch_uid="users.closed_accounts")


def delete_credentials(sender: Any, account: Any, **kwargs: Any) -> None:
    """Delete the second factors, recovery codes and identities of the account, of every model of credentials."""
    for model in Credential.__subclasses__():
        model._default_manager.filter(user=account).delete()
    account.second_factor_key = ""
    account.last_login = None
    account.save(update_fields=["second_factor_key", "last_login"])
    end_access(account)

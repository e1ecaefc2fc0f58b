"""Changes of many objects by one request: each account has one at a time in a process.

Such a change takes seconds, or half a minute for 200 long pages. With several at once one account would hold all
threads of a web process, and the requests of all departments would wait for it.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from django.http import HttpRequest

from .limiter import RateLimitExceeded
from .other_sites import SAFE_METHODS

RULE = "admin_batch.account"
# Seconds after which the next one may be tried.
RETRY_AFTER = 5
BATCH_URL_NAMES = frozenset(
    (
        "translation_board_action",
        "translation_release",
        "wagtail_bulk_action",
        "wagtailadmin_api:pages:action",
        "wagtailadmin_pages:copy",
        "wagtailadmin_pages:delete",
        "wagtailadmin_pages:unpublish",
    )
)
# The attribute of a request that holds the lock of an account: the key of the account.
_ACCOUNT = "account_of_batch"


class _Accounts:
    """The accounts whose batches this process performs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: set[Any] = set()

    def add(self, key: Any) -> bool:
        """Return False if the account is there already."""
        with self._lock:
            is_new = key not in self._keys
            self._keys.add(key)
            return is_new

    def remove(self, key: Any) -> None:
        with self._lock:
            self._keys.discard(key)


_accounts = _Accounts()


def begin_batch(request: HttpRequest, url_name: str) -> None:
    """Lock the account for a change of many objects. Raises RateLimitExceeded while another one runs."""
    if url_name not in BATCH_URL_NAMES or request.method in SAFE_METHODS or not request.user.is_authenticated:
        return
    key = request.user.pk
    if not _accounts.add(key):
        raise RateLimitExceeded(RULE, RETRY_AFTER)
    setattr(request, _ACCOUNT, key)


def end_batch(request: HttpRequest) -> None:
    """Release the lock of the account, if the request holds it."""
    if (key := request.__dict__.pop(_ACCOUNT, None)) is not None:
        _accounts.remove(key)

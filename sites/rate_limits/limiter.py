"""Counts attempts in moving windows and refuses those beyond the rates of settings.RATE_LIMITS.

The counts are in Redis if REDIS_URL is set, so that all processes share them, else in the memory of the process. While
Redis does not answer, each process counts for itself. Attempts are counted before a transaction starts, since a
transaction that waits for Redis would keep its locks.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable
from functools import cache, partial
from threading import Lock
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from sites.unicode_forms import normalise

from .client_address import client_network
from .other_sites import OTHER_SITE, is_sent_by_other_site
from .signals import limit_reached

logger = logging.getLogger(__name__)

OFF = "off"
# Names and addresses have up to 254 characters. Some characters become 18 others when they are normalised.
MAX_NAME_LENGTH = 1000
# Limits of the time that a request waits for Redis, and for which Redis is not asked after it did not answer.
REDIS_TIMEOUT = 0.5
PAUSE_AFTER_FAILURE = 10.0
LONGEST_WAIT = 24 * 60 * 60
REACHED = "reached"  # part of the keys under which announced refusals are counted

T = TypeVar("T")


class RateLimitExceeded(Exception):
    """Raised when a limit is reached. `retry_after` is in seconds, `rule` is a key of settings.RATE_LIMITS."""

    def __init__(self, rule: str, retry_after: int) -> None:
        super().__init__(f"{rule}: again in {retry_after} s")
        self.rule = rule
        self.retry_after = retry_after


def consume(
    rule: str, *key: object, request: HttpRequest | None = None, account: str = "", is_own: bool = False
) -> None:
    """Count one attempt of a key under a rule. Raises RateLimitExceeded if the limit is reached.

    A refused attempt is not counted. `request` and `account` describe the attempt to receivers of `limit_reached`. A
    request of another site's page is counted apart, unless `is_own` says that a page of this site has asked for it.
    """
    item = _rate(rule)
    if item is None:
        return
    identifiers = _identifiers(rule, key, request, is_own)
    if _store().run(lambda limiter: limiter.hit(item, *identifiers)):
        return
    refusal = _refusal(rule, item, identifiers)
    once = _once_per_window(item)
    if _store().run(lambda limiter: limiter.hit(once, REACHED, *identifiers)):
        logger.warning("The rate limit %s is reached", rule)
        limit_reached.send(
            sender=RateLimitExceeded, request=request, rule=rule, account=account, retry_after=refusal.retry_after
        )
    raise refusal


def consume_for_client(rule: str, request: HttpRequest, *key: object, account: str = "", is_own: bool = False) -> None:
    """Count one attempt of the client of a request, as `consume`. Raises RateLimitExceeded if the limit is reached."""
    consume(rule, client_network(request), *key, request=request, account=account, is_own=is_own)


def require_remaining(rule: str, *key: object, request: HttpRequest | None = None, is_own: bool = False) -> None:
    """Raise RateLimitExceeded if the limit of `consume` with the same arguments is reached; count no attempt."""
    item = _rate(rule)
    if item is None:
        return
    identifiers = _identifiers(rule, key, request, is_own)
    if not _store().run(lambda limiter: limiter.test(item, *identifiers)):
        raise _refusal(rule, item, identifiers)


def require_remaining_for_client(rule: str, request: HttpRequest, *key: object, is_own: bool = False) -> None:
    """Raise RateLimitExceeded if the limit of `consume_for_client` with the same arguments is reached."""
    require_remaining(rule, client_network(request), *key, request=request, is_own=is_own)


def reset_attempts(rule: str, *key: object) -> None:
    """Delete the attempts of a key, after the commit if a transaction is open: Redis may not answer."""
    if _rate(rule) is not None:
        transaction.on_commit(partial(_reset_attempts, rule, key))


def _reset_attempts(rule: str, key: tuple[object, ...]) -> None:
    item = _rate(rule)
    if item is None:
        return
    identifiers = _identifiers(rule, key)
    for counted, names in ((item, identifiers), (_once_per_window(item), (REACHED, *identifiers))):
        _store().run(partial(_clear, counted, names))


def _clear(item: RateLimitItem, identifiers: tuple[str, ...], limiter: MovingWindowRateLimiter) -> None:
    limiter.clear(item, *identifiers)


def _identifiers(
    rule: str, key: tuple[object, ...], request: HttpRequest | None = None, is_own: bool = False
) -> tuple[str, str]:
    """Return the identifiers of a count in the store, the same for its check and its end as for its attempts."""
    if request is not None and not is_own and is_sent_by_other_site(request):
        key = (*key, OTHER_SITE)
    return rule, _digest(key)


def _rate(rule: str) -> RateLimitItem | None:
    """Return the rate of a rule; None if it is switched off. Raises KeyError for an unknown rule."""
    rate = settings.RATE_LIMITS[rule]
    return None if rate == OFF else _parsed(rate)


_parsed = cache(parse)


def _once_per_window(item: RateLimitItem) -> RateLimitItem:
    return type(item)(1, item.multiples)


def comparable(text: str) -> str:
    """Return a text without regard to case and spaces at its ends; a text that is longer than any name as it is."""
    text = text.strip()
    return normalise("NFKC", text).strip().casefold() if len(text) <= MAX_NAME_LENGTH else text


def _digest(key: tuple[object, ...]) -> str:
    """Return a hash of a key without regard to case and spaces at its ends.

    Names and addresses are typed by people who are not logged in and can have any length. With the hash, the store of
    counts contains no personal data.
    """
    parts = [comparable(str(part)) for part in key]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _refusal(rule: str, item: RateLimitItem, identifiers: tuple[str, ...]) -> RateLimitExceeded:
    reset = _store().run(lambda limiter: limiter.get_window_stats(item, *identifiers).reset_time)
    return RateLimitExceeded(rule, min(max(1, math.ceil(reset - time.time())), LONGEST_WAIT))


class AttemptStore:
    """The counts in Redis, and those in the memory of the process while Redis does not answer."""

    def __init__(self, url: str) -> None:
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._unavailable_until = 0.0
        if url:
            storage = storage_from_string(
                url,
                wrap_exceptions=True,
                key_prefix="cms-rate-limits",
                socket_timeout=REDIS_TIMEOUT,
                socket_connect_timeout=REDIS_TIMEOUT,
                retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # passed on to the client of Redis
            )
            self._shared = MovingWindowRateLimiter(storage)

    def run(self, action: Callable[[MovingWindowRateLimiter], T]) -> T:
        if self._shared is not None and time.monotonic() >= self._unavailable_until:
            try:
                return action(self._shared)
            except StorageError:
                self._unavailable_until = time.monotonic() + PAUSE_AFTER_FAILURE
                logger.warning("Redis does not answer: this process counts attempts for itself", exc_info=True)
        return action(self._local)


_store_creation = Lock()


@cache
def _stores(url: str) -> AttemptStore:
    return AttemptStore(url)


def _store() -> AttemptStore:
    # Two threads that miss the cache at the same time would make two stores, each with counts of its own.
    with _store_creation:
        return _stores(settings.REDIS_URL)

"""Changes of many objects by one request, in transactions of a few objects each.

One transaction for all of them would hold its locks, a thread of the server and the turn of SQLite's writers for as
long as the change takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from django.http import HttpRequest

from .repetition import commit, repeat_on_collision

Item = TypeVar("Item")

# After these seconds, a request begins no further transaction, and a transaction adds no further object.
SECONDS_OF_REQUEST = 1.0
SECONDS_OF_TRANSACTION = 0.5

_own_transactions: set[str] = set()


def keep_own_transactions(*url_names: str) -> None:
    """Run the views of these URLs outside a transaction: they begin their own. Called when applications are ready."""
    _own_transactions.update(url_names)


def has_own_transactions(request: HttpRequest) -> bool:
    """Return True for a request whose view begins its own transactions."""
    match = request.resolver_match
    return match is not None and match.view_name in _own_transactions


def in_short_transactions(items: Sequence[Item], change: Callable[[Item], object], name: str) -> Iterator[int]:
    """Change items one after another, for about a second; yield the number of changed items after each commit.

    At least one item is changed. A transaction is repeated after a collision with another writer, so that `change` must
    read what it changes. An error rolls the transaction back in which it occurs. `name` says in the log what is done.
    """
    end = time.monotonic() + SECONDS_OF_REQUEST
    done = 0
    while done < len(items) and (not done or time.monotonic() < end):
        done += repeat_on_collision(partial(commit, partial(_change_some, items[done:], change), name))
        yield done


def _change_some(items: Sequence[Item], change: Callable[[Item], object]) -> int:
    """Change items until the time of a transaction is over; return their number."""
    end = time.monotonic() + SECONDS_OF_TRANSACTION
    for number, item in enumerate(items, 1):
        change(item)
        if time.monotonic() > end:
            return number
    return len(items)

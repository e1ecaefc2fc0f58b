"""The session engine (setting SESSION_ENGINE): Django's database engine with rows of `AccountSession`."""

from __future__ import annotations

import datetime
import logging
import time
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.db import OperationalError
from django.http import HttpRequest
from django.utils import timezone

from sites.rate_limits.client_address import client_address

from .overrides.loaded_rows import RowSessionStore
from .session_model import AccountSession

logger = logging.getLogger(__name__)

# Keys of the session's data.
LOGGED_IN_AT = "logged_in_at"
CLIENT = "client"
# The time of the last use is written at most this often, so that reading pages hardly writes.
SECONDS_BETWEEN_NOTES = 5 * 60


class SessionStore(RowSessionStore):
    """Django's store, which refuses the rows of sessions that are over (`AccountSession.is_over`)."""

    @classmethod
    def get_model_class(cls) -> type[AccountSession]:
        return AccountSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        if login := data.get(LOGGED_IN_AT):
            row.logged_in_at = datetime.datetime.fromtimestamp(login, datetime.UTC)
        client = data.get(CLIENT) or {}
        row.client_address, row.user_agent = client.get("address") or None, client.get("user_agent", "")
        return row

    def is_refused(self, row: AccountSession) -> bool:
        return row.is_over


def note_login(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    """Store the time and the client of a login in its session (receiver of `user_logged_in`)."""
    if request is not None:
        request.session[LOGGED_IN_AT] = time.time()
        request.session[CLIENT] = {
            "address": client_address(request),
            "user_agent": request.headers.get("User-Agent", "")[:200],
        }


def note_use(request: HttpRequest) -> None:
    """Store that the session is in use, if it was stored more than SECONDS_BETWEEN_NOTES ago.

    If the database is busy, nothing is stored and the next request tries again.
    """
    row = getattr(request.session, "row", None)
    if row is None or row.user_id is None:
        return
    now = timezone.now()
    if (now - row.last_used_at).total_seconds() >= SECONDS_BETWEEN_NOTES:
        try:
            AccountSession.objects.filter(pk=row.pk).update(last_used_at=now)
        except OperationalError:
            logger.info("the use of a session is noted later")
        else:
            row.last_used_at = now

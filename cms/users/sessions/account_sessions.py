"""The sessions of an account: which are active, and their end."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from sites.audit_log.recording import Action, record_for_account

from .session_model import AccountSession

# Words of the header User-Agent, and the names shown for them; the first that occurs counts.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def active_sessions(account: Any) -> list[AccountSession]:
    """Return the sessions in which the account is logged in, the last used first.

    Those that began with a former password are refused by Django, and left out.
    """
    rows = AccountSession.objects.filter(user=account, expire_date__gt=timezone.now())
    valid_hash = account.get_session_auth_hash()
    return [
        row
        for row in rows
        if not row.is_over and constant_time_compare(row.get_decoded().get(HASH_SESSION_KEY, ""), valid_hash)
    ]


def describe_sessions(account: Any, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the active sessions of an account for its screen, this one first."""
    sessions = [
        {
            "id": row.public_id,
            "program": program_of(row.user_agent),
            "address": row.client_address,
            "logged_in_at": row.logged_in_at,
            "last_used_at": row.last_used_at,
            "is_this_one": row.session_key == request.session.session_key,
        }
        for row in active_sessions(account)
    ]
    return sorted(sessions, key=lambda session: not session["is_this_one"])


def program_of(user_agent: str) -> str:
    """Return the browser and the system that a User-Agent names, as far as they are known."""
    browser = next((name for word, name in BROWSERS if word in user_agent), "")
    system = next((name for word, name in SYSTEMS if word in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown program")


def end_sessions(account: Any, *, except_key: str | None = None, request: HttpRequest | None = None) -> int:
    """End the sessions of an account except the one with this key; record and return their number."""
    number, _rows = AccountSession.objects.filter(user=account).exclude(session_key=except_key or "").delete()
    if number:
        record_for_account(Action.SESSIONS_ENDED, account, request=request, number=number)
    return number


def end_session(account: Any, public_id: str, request: HttpRequest) -> bool:
    """End one session of the account. Return False if it has none with this identifier."""
    for row in AccountSession.objects.filter(user=account):
        if constant_time_compare(row.public_id, public_id):
            row.delete()
            record_for_account(Action.SESSIONS_ENDED, account, request=request, number=1)
            return True
    return False


def end_other_sessions(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Receive `second_factors_changed`: only the session that made the change stays. Using a code changes nothing."""
    if kwargs.get("change") == "recovery_code_used":
        return
    end_sessions(user, except_key=request.session.session_key if request is not None else None, request=request)

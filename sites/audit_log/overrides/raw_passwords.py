"""The difference between a new password and a newer hash of the same password.

Replaces: no code, but reads `AbstractBaseUser._password`, which is private.
Why no hook serves: at a login Django may store the same password with a newer hash, by the same `save`. The public hook
    `password_changed` of password validators runs after `save`, when the previous values can no longer be compared, and
    not for an unusable password.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/audit_log/test_entries.py.
"""

from __future__ import annotations

from typing import Any


def has_new_password(account: Any) -> bool:
    """Return True if an unsaved account has got a password, or an unusable one, since it was loaded."""
    return account._password is not None or not account.has_usable_password()

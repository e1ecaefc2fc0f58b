"""Signals of second factors."""

from django.dispatch import Signal

# Arguments: `request` (None for a command), `user`, and `change`: app_added, app_removed, passkey_added,
# passkey_removed, recovery_codes_replaced, recovery_code_used, identity_added, identity_removed or all_removed.
second_factors_changed = Signal()

# Sent when a session has passed the second step, or proved again who uses it. Arguments: `request`, `user`, and
# `method`: app, passkey, recovery_code or password.
identity_confirmed = Signal()

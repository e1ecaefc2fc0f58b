"""The signal of changed second factors."""

from django.dispatch import Signal

# Arguments: `request` (None for a command), `user`, and `change`: app_added, app_removed, passkey_added,
# passkey_removed, recovery_codes_replaced, identity_added, identity_removed or all_removed.
second_factors_changed = Signal()

"""The signal of changed accounts."""

from django.dispatch import Signal

# Arguments: `account`, and `action`, the action that the audit log records.
account_changed = Signal()

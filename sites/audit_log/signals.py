"""The signal of changed accounts."""

from django.dispatch import Signal

# Arguments: `account`; `action`, the action that the audit log records; and `previous_email`, the former address of an
# account whose address changed.
account_changed = Signal()

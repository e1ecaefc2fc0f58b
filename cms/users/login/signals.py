"""The signal of changed API tokens."""

from django.dispatch import Signal

# Arguments: `user`, and `change`: token_added or token_removed.
api_tokens_changed = Signal()

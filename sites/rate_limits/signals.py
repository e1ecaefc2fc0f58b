"""Signals of rate limits. Django's own signals report logins and failed logins."""

from django.dispatch import Signal

# Sent at the first refusal of a key within the window of its rule, and not for each further one, so that a flood of
# attempts does not become a flood of log entries. Arguments: `request` (or None), `rule` (a key of
# settings.RATE_LIMITS), `account` (the typed or logged-in user name, "" for none) and `retry_after` in seconds.
limit_reached = Signal()

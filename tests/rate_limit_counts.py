"""The counts of rate limits that a process keeps in its memory."""

from sites.rate_limits import limiter


def forget_counts():
    """Forget the attempts of earlier tests, and the store of earlier settings."""
    limiter._stores.cache_clear()

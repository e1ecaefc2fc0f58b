"""Fixtures of rate limits: the limits of production, each test with counts of its own."""

import pytest

from cms.settings import base
from sites.rate_limits.signals import limit_reached
from tests.rate_limit_counts import forget_counts


@pytest.fixture
def rate_limits(settings):
    """Switch the limits of production on; return them for changes."""
    settings.RATE_LIMITS = dict(base.RATE_LIMITS)
    forget_counts()
    yield settings.RATE_LIMITS
    forget_counts()


@pytest.fixture
def reached():
    """Return the rules that were reached, with the accounts, in order."""
    found = []

    def receive(sender, rule, account, **kwargs):
        found.append((rule, account))

    limit_reached.connect(receive)
    yield found
    limit_reached.disconnect(receive)

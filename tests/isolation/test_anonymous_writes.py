"""No request of somebody who is not logged in writes rows without limit: every URL, with GET and POST."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from cms.settings import base
from sites.models import AuditLogEntry
from tests.rate_limit_counts import forget_counts

from .public import public_targets
from .rows import Writes
from .targets import admin_targets

pytestmark = pytest.mark.embedded


@pytest.fixture
def rate_limits(settings):
    """Allow one attempt for each rule, as after a flood."""
    settings.RATE_LIMITS = dict.fromkeys(base.RATE_LIMITS, "1/hour")
    forget_counts()
    yield settings.RATE_LIMITS
    forget_counts()


@pytest.fixture
def single_sign_on(settings):
    """Configure a provider that does not answer."""
    settings.OIDC = {
        "issuer": "http://127.0.0.1:9",
        "name": "Provider",
        "client_id": "cms",
        "client_secret": "secret",
        "scope": "openid",
        "acr_values": [],
        "max_age": None,
        "second_factor_acr": [],
        "confirms_addresses": False,
    }


def tables_of_a_flood(client, target, method):
    """Return the tables that a request writes after the same one reached every limit; what was written is undone."""
    forget_counts()
    with transaction.atomic():
        for _attempt in range(3):  # The second one reaches the limits, which the audit log records once.
            writes = Writes()
            with connection.execute_wrapper(writes):
                response = client.generic(method, target.url, headers={"host": target.host})
                if response.streaming:
                    b"".join(response)
        transaction.set_rollback(True)
    return writes.tables


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_url_writes_a_row_for_each_request_of_a_flood(fixture_data, rate_limits, single_sign_on, method):
    client = Client(raise_request_exception=False)
    targets = {}
    for target in (*admin_targets(fixture_data, "own"), *public_targets(fixture_data, "own")):
        targets.setdefault((target.url, target.host), target)
    assert len(targets) > 200
    written = {url: tables_of_a_flood(client, target, method) for url, target in targets.items()}
    assert {url: tables for url, tables in written.items() if tables} == {}


def test_a_flood_of_returns_from_the_provider_is_answered_429(fixture_data, rate_limits, single_sign_on, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_on.client": "3/hour"}
    before = AuditLogEntry.objects.count()
    url = reverse("single_sign_on_return")
    answers = [Client().get(url, {"code": number}).status_code for number in range(8)]
    assert answers == [302] * 3 + [429] * 5
    # Three failures and the limit.
    assert AuditLogEntry.objects.count() == before + 4

"""Tests that no value of a parameter or a field makes a URL fail; the names are those that the views read."""

import pytest
from django.http import QueryDict

from tests.isolation.conftest import committed_fixture_data, fixture_data, uninstrumented_templates
from tests.isolation.fixture_data import make_actor
from tests.isolation.public import public_targets
from tests.isolation.targets import ENDS_SESSION, admin_targets

from .lookups import RecordedLookups
from .odd_values import TEXTS
from .request_sender import Sender, faults_of

__all__ = ["committed_fixture_data", "fixture_data", "uninstrumented_templates"]

pytestmark = pytest.mark.embedded

# Each name gets another value in each round.
ROUNDS = 2
# Fails on purpose, for developers.
FAILING = {"wagtailadmin_error_test"}


class RecordingQueryDict(RecordedLookups, QueryDict):
    """A QueryDict that remembers the names which views look up."""

    def getlist(self, name, default=None):
        self.looked_up.add(name)
        return super().getlist(name, default)


@pytest.fixture
def recorded(monkeypatch):
    """Return a function that calls another one, and returns the names of parameters and fields looked up by then."""
    for module in ("core.handlers.wsgi", "http.request", "http"):
        monkeypatch.setattr(f"django.{module}.QueryDict", RecordingQueryDict)

    def recorded(send):
        RecordingQueryDict.looked_up.clear()
        send()
        return sorted(name for name in RecordingQueryDict.looked_up if isinstance(name, str))

    return recorded


def odd_values(names, number):
    return {name: TEXTS[(index + number * 7) % len(TEXTS)] for index, name in enumerate(names)}


def examine(sender, recorded, targets):
    """Send odd values for the names that each target looks up, with GET and POST; return the faults."""
    found, seen = [], set()
    for target in targets:
        url, _, query = target.url.partition("?")
        name = target.endpoint.name
        if name in ENDS_SESSION | FAILING or (name, target.host, query) in seen:
            continue
        seen.add((name, target.host, query))
        fixed = QueryDict(query).dict()
        for method in ("GET", "POST"):

            def fault_of(odd, method=method, url=url, fixed=fixed, host=target.host):
                return sender.send(method, url, data=fixed | odd, headers={"host": host}).fault

            names = recorded(lambda fault_of=fault_of: fault_of({}))
            for number in range(ROUNDS if names else 0):
                found += [f"{method} {name}: {fault}" for fault in faults_of(fault_of, odd_values(names, number))]
    return found


def test_no_parameter_or_field_makes_the_admin_fail(
    client, fixture_data, recorded, search_index, uninstrumented_templates
):
    search_index()
    client.force_login(make_actor("administrator"))
    sender = Sender(client)
    found = examine(sender, recorded, admin_targets(fixture_data, "own"))
    assert not found, "\n".join(found)
    assert sender.requests > 1000


def test_no_parameter_or_field_makes_a_public_url_fail(
    client, fixture_data, recorded, search_index, uninstrumented_templates
):
    search_index()
    sender = Sender(client)
    found = examine(sender, recorded, public_targets(fixture_data, "own"))
    assert not found, "\n".join(found)
    assert sender.requests > 100

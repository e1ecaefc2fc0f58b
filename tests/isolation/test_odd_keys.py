"""Tests that keys without a row answer “not found” at every URL, and never cause an error."""

import pytest
from django.urls import NoReverseMatch, reverse

from sites.admin.access_control.url_table import ACCESS_BY_URL_NAME

from .arguments import NO_OBJECT, Nothing, arguments_for
from .endpoints import endpoints
from .fixture_data import make_actor

KEYS = (
    -1,
    0,
    10**30,
    "0x1",
    "1e3",
    "٩٩٩٩٩٩٩",
    "_31",
    "1_00",
    "' OR 1=1 --",
    "..",
    "\x00",
    "é" * 300,
    "1" * 5000,
    " 999999999",
)


def urls_of(fixture_data):
    """Yield (name, URL) for each endpoint and each invalid key that its route accepts."""
    for endpoint in endpoints():
        named = set(endpoint.parameters) - NO_OBJECT
        if not endpoint.is_named or endpoint.surface not in ("admin", "preview") or not named:
            continue
        for key in KEYS:
            arguments = arguments_for(endpoint, Nothing(), fixture_data) | dict.fromkeys(named, key)
            try:
                yield endpoint.name, reverse(endpoint.name, kwargs=arguments)
            except (NoReverseMatch, ValueError):
                continue  # The route does not accept such a key.


@pytest.mark.parametrize("role", ["administrator", pytest.param("overgranted", marks=pytest.mark.embedded)])
def test_no_key_makes_the_admin_fail(client, fixture_data, uninstrumented_templates, role):
    client.force_login(make_actor(role))
    client.raise_request_exception = False
    failures, requests = [], 0
    for name, url in urls_of(fixture_data):
        for send in (client.get, client.post):
            response = send(url)
            requests += 1
            if response.status_code not in (400, 404, 405):
                failures.append(f"{name} {url[:100]}: {response.status_code}")
    assert not failures, "\n".join(failures)
    assert requests > 1000
    assert {name for name, _url in urls_of(fixture_data)} <= set(ACCESS_BY_URL_NAME)

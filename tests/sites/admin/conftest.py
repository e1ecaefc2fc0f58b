"""Changes that need one request for each object, and the form with which the browser goes on."""

import pytest

from cms.request_transactions import short_transactions


@pytest.fixture
def short_requests(monkeypatch):
    """Let each request change one object."""
    monkeypatch.setattr(short_transactions, "SECONDS_OF_REQUEST", 0)
    monkeypatch.setattr(short_transactions, "SECONDS_OF_TRANSACTION", 0)


def sent_again(response):
    """Return the fields of the form that continues a change."""
    fields = {}
    for name, value in response.context["fields"]:
        fields.setdefault(name, []).append(value)
    return fields

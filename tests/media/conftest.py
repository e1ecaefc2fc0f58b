"""Fixtures: a department, and requests for its files."""

import pytest

from tests.factories.departments import make_department


def body(response):
    """Return all bytes of a response. Reading a stream to its end also closes its file."""
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def allier(db):
    return make_department("allier")


@pytest.fixture
def get(client):
    def get(url, user=None, **headers):
        if user is not None:
            client.force_login(user)
        response = client.get(url, headers=headers)
        response.body = body(response)
        return response

    return get

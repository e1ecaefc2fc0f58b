"""The two departments and somebody of the first, for the tests of single screens; a department's people."""

import pytest

from tests.factories.users import make_user
from tests.isolation.people import administrator, allier, isere
from tests.isolation.world import make_world

__all__ = ["administrator", "allier", "isere", "login_as", "read", "world"]


@pytest.fixture
def world(db, commits):
    with commits():
        return make_world()


@pytest.fixture
def login_as(client, world):
    """`login_as("editor")` gives the client somebody of the first department; `login_as()` a superuser."""

    def login_as(*roles):
        groups = [role if role.startswith("zq") else f"allier:{role}" for role in roles]
        user = make_user(f"test-{'-'.join(roles).replace(':', '-') or 'root'}", groups=groups, is_superuser=not roles)
        client.force_login(user)
        client.user = user
        return client

    return login_as


@pytest.fixture
def read():
    """`read(response)` gives the body, in small letters, of an ordinary answer or of a download."""

    def read(response):
        body = b"".join(response) if response.streaming else response.content
        return body.decode(errors="replace").lower()

    return read

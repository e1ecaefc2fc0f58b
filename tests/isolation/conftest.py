"""Fixtures: two departments and a user of the first, for tests of single screens."""

import pytest
from django.template import Template

from tests.factories.users import make_user
from tests.snapshots import committed, reloaded

from .fixture_data import make_fixture_data
from .people import administrator, allier, isere

__all__ = ["administrator", "allier", "fixture_data", "isere", "login_as", "read"]


@pytest.fixture(scope="module")
def committed_fixture_data(django_db_setup, django_db_blocker):
    """Commit the fixture data for all tests of one module; creating it takes longer than most tests."""
    with django_db_blocker.unblock(), committed("two departments", make_fixture_data) as fixture_data:
        yield fixture_data


@pytest.fixture(autouse=True)
def offered_service(settings):
    """Let the instance offer a translation service, which both departments have chosen. Nothing asks it."""
    offered = {"services": ["libretranslate"], "libretranslate_url": "http://127.0.0.1:9"}
    settings.MACHINE_TRANSLATION = settings.MACHINE_TRANSLATION | offered


@pytest.fixture
def fixture_data(committed_fixture_data, db):
    """Return the committed fixture data in its original state; changes of a test are rolled back."""
    return reloaded(committed_fixture_data)


@pytest.fixture
def login_as(client, fixture_data):
    """Log a user of the first department in: `login_as("editor")`; `login_as()` logs a superuser in."""

    def login_as(*roles):
        groups = [role if role.startswith("zq") else f"allier:{role}" for role in roles]
        user = make_user(f"test-{'-'.join(roles).replace(':', '-') or 'root'}", groups=groups, is_superuser=not roles)
        client.force_login(user)
        client.user = user
        return client

    return login_as


@pytest.fixture
def uninstrumented_templates(monkeypatch):
    """Render templates without a copy of each context for `response.context`, for tests of thousands of requests."""
    monkeypatch.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))


@pytest.fixture
def read():
    """Return a function that gives the body of a response or a download in lower case."""

    def read(response):
        body = b"".join(response) if response.streaming else response.content
        return body.decode(errors="replace").lower()

    return read

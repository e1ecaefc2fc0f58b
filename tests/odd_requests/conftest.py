"""The sample page of each type, which the forms of the tests start from."""

from types import SimpleNamespace

import pytest

from tests.contracts.samples import publish_samples
from tests.snapshots import committed, reloaded


@pytest.fixture(scope="module")
def committed_samples(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), committed("sample pages", _sample_pages) as samples:
        yield samples


def _sample_pages():
    return SimpleNamespace(**{type(page).__name__: page for page in reversed(list(publish_samples().values()))})


@pytest.fixture
def samples(committed_samples, db):
    """Return the sample pages by the name of their model."""
    return vars(reloaded(committed_samples))

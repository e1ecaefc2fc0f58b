"""Fixtures: a department, the public document of a page, and the new changes of the feed."""

import pytest

from cms.delivery import change_feed
from cms.delivery.models import PublishedDocument, RefreshRequest
from tests.factories.departments import make_department


@pytest.fixture
def department(db, commits):
    with commits():
        return make_department("allier")


@pytest.fixture
def document_of():
    """Return the public document of a page as data; {} when it has none."""

    def document_of(page):
        assert not RefreshRequest.objects.exists(), "a refresh request was not processed"
        document = PublishedDocument.objects.public().filter(page_id=page.pk).first()
        return document.data if document else {}

    return document_of


@pytest.fixture
def new_changes():
    """Return the changes of the feed since the last call, as (page id, is withdrawn)."""
    cursor = 0

    def new_changes():
        nonlocal cursor
        rows = change_feed.changes(after=cursor)
        cursor = rows[-1].sequence if rows else cursor
        return [(row.page_id, row.is_withdrawn) for row in rows]

    return new_changes

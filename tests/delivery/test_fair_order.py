"""The publisher writes pages of departments in rotation: none waits for all pages of another one."""

import pytest

from cms.delivery import publisher
from cms.delivery.models import PageReference, PublishedDocument, RefreshRequest
from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory
from tests.factories.pages import make_page

WAITING = 24


@pytest.fixture
def pages(department, commits, monkeypatch):
    """Return pages of one department, and one of another, whose documents are to be written; two in each batch."""
    monkeypatch.setattr(publisher, "batch_size", lambda: 2)
    isere = make_department("isere")
    with commits():
        ours = [make_page(StandardPage, department, title=f"Page {number}") for number in range(WAITING)]
        theirs = make_page(StandardPage, isere, title="Autre")
    PublishedDocument.objects.update(etag="")
    return [page.pk for page in ours], theirs.pk


def written(page_ids):
    """Process the waiting requests; return the pages in the order in which their documents were written."""
    publisher.process_refresh_requests()
    documents = PublishedDocument.objects.filter(page_id__in=page_ids).exclude(etag="")
    return list(documents.order_by("sequence").values_list("page_id", flat=True))


@pytest.mark.parametrize("urgent", [True, False])
def test_a_page_does_not_wait_for_all_pages_of_another_department(pages, urgent):
    ours, theirs = pages
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(ours, urgent=urgent))
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([theirs], urgent=urgent))
    order = written([*ours, theirs])
    assert order.index(theirs) < 2
    assert [page for page in order if page != theirs] == ours


def test_pages_that_show_a_changed_object_do_not_wait_either(pages, commits):
    ours, theirs = pages
    consent = ConsentFactory()
    reference = {"content_type": RefreshRequest.for_object(consent).content_type, "object_id": consent.pk}
    PageReference.objects.create(page_id=theirs, **reference)
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(ours, urgent=True))
    RefreshRequest.objects.bulk_create([RefreshRequest.for_object(consent, urgent=True)])
    assert written([*ours, theirs]).index(theirs) < 2

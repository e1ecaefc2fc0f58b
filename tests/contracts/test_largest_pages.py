"""The largest page of each content type is published, read and opened at a bounded cost."""

import time
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db.models import TextField
from django.urls import reverse
from wagtail.blocks import StreamValue

from cms.content_types.registry import document_types
from cms.delivery.documents.document_size import MAX_BYTES, refuse_large_page
from cms.delivery.models import PublishedDocument
from cms.pages.models import Organisation, Person
from sites.access.ownership import department_of_page
from sites.validation.incoming_text import MAX_CHARACTERS
from tests.factories.users import make_user
from tests.snapshots import committed, reloaded

from .samples import publish_samples

pytestmark = pytest.mark.embedded

# Several times what they take: seconds of CPU, and bytes.
PUBLICATION, READING, EDITING = 20, 4, 10
PUBLIC_BYTES, FORM_BYTES = 3_000_000, 10_000_000


@pytest.fixture(scope="module")
def committed_samples(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), committed("pages by content type", _sample_pages) as samples:
        yield samples


def _sample_pages():
    return SimpleNamespace(**{name: page for name, page in publish_samples().items() if "." not in name})


@pytest.fixture
def samples(committed_samples, db):
    return vars(reloaded(committed_samples))


def repeated(value, number):
    """Return a text or a stream with its content so many times."""
    if not isinstance(value, StreamValue):
        return value * number
    blocks = [{"type": block["type"], "value": block["value"]} for block in value.raw_data]
    return StreamValue(value.stream_block, blocks * number, is_lazy=True)


def enlarge(page):
    """Repeat what streams and long texts of a page hold, up to the limits of publication."""
    values = {
        field.name: getattr(page, field.name)
        for field in page._meta.local_fields
        if isinstance(field, TextField) or hasattr(field, "stream_block")
    }
    values = {name: value for name, value in values.items() if page._meta.get_field(name).max_length is None}
    department = department_of_page(page)

    def size_of(number):
        for name, value in values.items():
            setattr(page, name, repeated(value, number))
        return len(page.to_json())

    one = size_of(1)
    number = 1 + 40 * (MAX_CHARACTERS - one) // (size_of(41) - one)
    while size_of(number) > MAX_CHARACTERS or not is_accepted(page, department):
        number = number * 9 // 10


def lengthen_texts_of_snippets():
    """Give the snippets, which the form counts with their maximum length, texts of this length."""
    Organisation.objects.update(description="Texte " * 800)
    Person.objects.update(biography="Texte " * 800)


def is_accepted(page, department):
    try:
        refuse_large_page(page, department)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", [document_type.name for document_type in document_types()])
def test_the_largest_page(samples, client, commits, name):
    page = samples[name].specific
    lengthen_texts_of_snippets()
    enlarge(page)
    size = len(page.to_json())

    start = time.process_time()
    with commits():
        page.save_revision(clean=False).publish()
    assert time.process_time() - start < PUBLICATION
    document = PublishedDocument.objects.get(page_id=page.pk)
    largest = max(size / MAX_CHARACTERS, len(document.body.encode()) / MAX_BYTES)
    assert 0.5 < largest < 1.1, "the page is large, and its document has the new content"

    client.force_login(make_user("a", groups=["allier:administrator"]))
    urls = (
        (document.path, READING, PUBLIC_BYTES),
        (f"/api/v1/contents/{document.content_id}/", READING, PUBLIC_BYTES),
        (reverse("wagtailadmin_pages:edit", args=[page.pk]), EDITING, FORM_BYTES),
    )
    for url, seconds, maximum in urls:
        start = time.process_time()
        response = client.get(url, headers={"host": "allier.example.test"})
        assert time.process_time() - start < seconds, url
        assert response.status_code == 200, url
        assert len(response.content) < maximum, url

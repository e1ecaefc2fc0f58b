"""Size and content hash of documents, and the override `cms.media.overrides.field_files` by which they are set."""

import hashlib

import pytest
from django.core.files.base import ContentFile

from cms.media.overrides.field_files import has_unsaved_content
from tests.factories.media import DocumentFactory

pytestmark = pytest.mark.django_db


def test_saving_a_new_file_sets_its_size_and_hash():
    document = DocumentFactory()
    document.file = ContentFile(b"a;b", name="figures.csv")
    assert has_unsaved_content(document.file)
    document.save()
    assert (document.file_size, document.file_hash) == (3, hashlib.sha1(b"a;b").hexdigest())  # noqa: S324
    with document.file.storage.open(document.file.name) as stored:
        assert stored.read() == b"a;b"


def test_saving_a_stored_file_reads_nothing():
    document = DocumentFactory()
    document.file.storage.delete(document.file.name)
    assert not has_unsaved_content(document.file)
    document.save()

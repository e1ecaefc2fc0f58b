"""Tests of the files that end with their row, and of uploads that nobody completes."""

import datetime
import os
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import UploadedFile

from cms.media.models import Video
from cms.media.uploads.file_deletion import FILE_FIELDS
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    return make_department("allier", code="03").collection


def make_row(name, collection):
    if name == "Consent":
        return ConsentFactory(collection=collection)
    video = VideoFactory(collection=collection, file=ContentFile(b"video", name="portrait.mp4"), page_url="")
    return video if name == "Video" else video.captions.get()


@pytest.mark.parametrize("name", FILE_FIELDS)
def test_the_file_ends_with_the_row(collection, commits, name):
    row = make_row(name, collection)
    stored = getattr(row, FILE_FIELDS[name])
    storage, path = stored.storage, stored.name
    assert storage.exists(path)
    with commits():
        row.delete()
        assert storage.exists(path)
    assert not storage.exists(path)


def test_a_file_that_another_row_has_stays(collection, commits):
    video = make_row("Video", collection)
    storage, path = video.file.storage, video.file.name
    Video.objects.bulk_create([Video(title="Copie", file=path, duration=1, collection=collection)])
    with commits():
        video.delete()
    assert storage.exists(path)


def test_uploads_that_wait_for_a_day_are_deleted_at_night(db):
    kept, abandoned = (
        UploadedFile.objects.create(file=ContentFile(b"x", name=f"{name}.png")) for name in ("kept", "abandoned")
    )
    before = (timezone.now() - datetime.timedelta(days=2)).timestamp()
    os.utime(abandoned.file.path, (before, before))
    call_command("nightly", verbosity=0, stdout=StringIO())
    assert list(UploadedFile.objects.all()) == [kept]
    assert not abandoned.file.storage.exists(abandoned.file.name)
    assert kept.file.storage.exists(kept.file.name)

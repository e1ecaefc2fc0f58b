"""Files end with their row or when another one replaces them, after the commit; uploads that nobody completes too."""

import datetime
import os
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import RevisionMixin, UploadedFile
from wagtail.users.models import UserProfile

from cms.media.models import Video
from cms.media.uploads.stored_files import STORED_FILES
from cms.pages.models import StandardPage
from sites.models import Department
from tests.factories.departments import make_department
from tests.factories.files import pdf
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory, png
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    return make_department("allier", code="03").collection


def make_row(stored, collection):
    """Return a saved row with a file in the field."""
    if stored.model == "wagtailcore.UploadedFile":
        return UploadedFile.objects.create(file=ContentFile(png(), name="a.png"))
    if stored.model == "wagtailusers.UserProfile":
        profile = UserProfile.get_for_user(make_user())
        profile.avatar = ContentFile(png(), name="moi.png")
        profile.save()
        return profile
    if stored.model.startswith("cms_media.Video"):
        video = VideoFactory(collection=collection, file=ContentFile(b"video", name="portrait.mp4"), page_url="")
        return video if stored.model == "cms_media.Video" else video.captions.get()
    return FACTORIES[stored.model](collection=collection)


FACTORIES = {
    "cms_media.Consent": ConsentFactory,
    "cms_media.CustomDocument": DocumentFactory,
    "cms_media.CustomImage": ImageFactory,
}
# Fields whose files a form stores. A rendition is made from its image.
FIELDS = [stored for stored in STORED_FILES if stored.size or stored.form_limit]
by_model = pytest.mark.parametrize("stored", FIELDS, ids=lambda stored: stored.model)


@by_model
def test_the_file_ends_with_the_row(collection, commits, stored):
    row = make_row(stored, collection)
    file = getattr(row, stored.field)
    storage, path = file.storage, file.name
    assert storage.exists(path)
    with commits():
        row.delete()
        assert storage.exists(path)
    assert not storage.exists(path)


@by_model
def test_a_replaced_file_ends_after_the_commit(collection, commits, stored):
    row = make_row(stored, collection)
    file = getattr(row, stored.field)
    storage, path = file.storage, file.name
    with file.open():
        content = file.read()
    with commits():
        row = type(row)._base_manager.get(pk=row.pk)
        setattr(row, stored.field, ContentFile(content, name=f"other.{path.rpartition('.')[2]}"))
        row.save()
        assert storage.exists(path)  # The transaction can still be rolled back.
    assert not storage.exists(path)
    assert storage.exists(getattr(row, stored.field).name)


def test_a_file_that_is_taken_out_of_a_video_ends_after_the_commit(collection, commits):
    video = make_row(FIELDS[2], collection)
    storage, path = video.file.storage, video.file.name
    with commits():
        video.file, video.page_url = "", "https://vimeo.com/76979871"
        video.save()
    assert not storage.exists(path)


@pytest.mark.parametrize("kind", ["images", "docs"])
def test_the_forms_of_wagtail_delete_no_file_before_the_commit(collection, commits, client, kind):
    """Wagtail deletes it at once: a request that is rolled back afterwards would leave a row without its file."""
    row = ImageFactory(collection=collection) if kind == "images" else DocumentFactory(collection=collection)
    storage, path = row.file.storage, row.file.name
    rendition = row.get_rendition("max-165x165").file.name if kind == "images" else ""
    client.force_login(make_user("root", is_superuser=True))
    content = png(10, 10) if kind == "images" else pdf("New")
    values = {"title": "x", "description": "x", "kind": "other", "collection": collection.pk}
    file = SimpleUploadedFile(f"new.{path.rpartition('.')[2]}", content)
    with commits():
        response = client.post(reverse(f"wagtail{kind}:edit", args=[row.pk]), values | {"file": file})
        assert response.status_code == 302
        assert storage.exists(path)
    assert not storage.exists(path)
    assert not rendition or not storage.exists(rendition)
    with type(row).objects.get().file.open() as new:
        assert new.read() == content


def test_a_restored_revision_shows_the_new_file(collection, commits):
    """Revisions refer to rows, never to files, so a replaced file can go."""
    for stored in STORED_FILES:
        assert not issubclass(stored.model_class, RevisionMixin), f"revisions would store the name of {stored.model}"
    image = ImageFactory(collection=collection)
    page = make_page(StandardPage, home_of(Department.objects.get()), image=image)
    before = page.save_revision()
    with commits():
        image.file = ContentFile(png(10, 10), name="new.png")
        image._set_image_file_metadata()
        image.save()
    page.image = None
    page.save_revision()
    restored = before.as_object()
    assert restored.image.get_rendition("width-10").file.storage.exists(restored.image.file.name)


def test_a_file_that_another_row_has_stays(collection, commits):
    video = make_row(FIELDS[2], collection)
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
    call_command("nightly", verbosity=0, accept_clock=True, stdout=StringIO())
    assert list(UploadedFile.objects.all()) == [kept]
    assert not abandoned.file.storage.exists(abandoned.file.name)
    assert kept.file.storage.exists(kept.file.name)

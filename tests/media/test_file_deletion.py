"""Files end with their row or when another one replaces them, after the commit; uploads that nobody completes too."""

import contextlib
import datetime
import os
from io import StringIO
from pathlib import PurePath

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import RevisionMixin, UploadedFile
from wagtail.users.models import UserProfile

from cms.media.models import Video
from cms.media.uploads import unnamed_files
from cms.media.uploads.stored_files import STORED_FILES
from cms.media.uploads.unnamed_files import delete_unnamed_files, find_unnamed_files
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
    make_older(abandoned.file.storage, abandoned.file.name)
    run_nightly()
    assert list(UploadedFile.objects.all()) == [kept]
    assert not abandoned.file.storage.exists(abandoned.file.name)
    assert kept.file.storage.exists(kept.file.name)


def make_older(storage, name):
    before = (timezone.now() - datetime.timedelta(days=2)).timestamp()
    os.utime(storage.path(name), (before, before))


def run_nightly():
    output = StringIO()
    call_command("nightly", verbosity=0, accept_clock=True, stdout=output)
    return output.getvalue()


@by_model
@pytest.mark.usefixtures("own_files")
def test_a_file_of_a_transaction_that_is_rolled_back_is_deleted_at_night(collection, stored):
    kept = make_row(stored, collection)
    with getattr(kept, stored.field).open() as opened:
        same = ContentFile(opened.read(), name=f"new{PurePath(opened.name).suffix}")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        row = type(kept)._base_manager.get(pk=kept.pk)
        setattr(row, stored.field, same)
        row.save()
        raise ZeroDivisionError
    file, left = getattr(kept, stored.field), getattr(row, stored.field).name
    storage = file.storage
    assert left.startswith(f"{stored.folder}/")
    assert file.name.startswith(f"{stored.folder}/")
    if stored.model != "wagtailcore.UploadedFile":  # These are deleted with their rows.
        make_older(storage, file.name)
    assert "0 stored files without a row" in run_nightly()
    assert storage.exists(left)  # Younger than a day.
    make_older(storage, left)
    assert "1 stored files without a row" in run_nightly()
    assert (storage.exists(left), storage.exists(file.name)) == (False, True)


@pytest.mark.usefixtures("own_files")
def test_a_file_that_a_row_names_in_the_meantime_is_kept(collection):
    storage = Video._meta.get_field("file").storage
    name = storage.save("videos/abc/a.mp4", ContentFile(b"x"))
    make_older(storage, name)
    unnamed = find_unnamed_files()
    assert [file.name for file in unnamed.files] == [name]
    Video.objects.bulk_create([Video(title="A", file=name, duration=1, collection=collection)])
    assert delete_unnamed_files(unnamed) == 0
    assert storage.exists(name)
    storage.delete(name)


@pytest.mark.usefixtures("own_files")
def test_a_database_without_the_rows_of_most_files_deletes_none(monkeypatch):
    """The database was restored from a backup, or is another one."""
    monkeypatch.setattr(unnamed_files, "EXPECTED_FILES", 1)
    monkeypatch.setattr(unnamed_files, "EXPECTED_SHARE", 0)
    storage = Video._meta.get_field("file").storage
    names = [storage.save(f"videos/abc/{number}.mp4", ContentFile(b"x")) for number in range(2)]
    for name in names:
        make_older(storage, name)
    with pytest.raises(CommandError, match=r"2 of [0-9]+ stored files belong to no row"):
        run_nightly()
    assert all(map(storage.exists, names))
    output = StringIO()
    call_command("check_files", stdout=output)
    assert "2 of " in output.getvalue()
    call_command("check_files", "--delete-unnamed", "--accept-clock", stdout=output)
    assert "2 stored files without a row deleted" in output.getvalue()
    assert not any(map(storage.exists, names))

"""The quota of a department: every stored file counts, and the check and the write are one step."""

import gc
import re
import threading
import warnings
from collections import namedtuple

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.db.models import FileField
from django.test.utils import isolate_apps
from django.urls import reverse
from wagtail.models import UploadedFile

from cms.media.models import CustomDocument, CustomImage, PendingUpload, Video, VideoCaption
from cms.media.uploads import free_space
from cms.media.uploads.storage_quota import UploadRefused, storage_use, used_bytes
from cms.media.uploads.stored_files import COUNTED_FILES, STORED_FILES, check_stored_files, undeclared_fields
from tests.factories.departments import make_department
from tests.factories.files import pdf
from tests.factories.media import (
    WEBVTT,
    CaptionFactory,
    ConsentFactory,
    DocumentFactory,
    ImageFactory,
    VideoFactory,
    png,
)
from tests.factories.media_files import mp4
from tests.factories.users import make_user

REFUSAL = r"(together|en tout|added|ensemble|ajout)"
DiskUsage = namedtuple("DiskUsage", "total used free")


@pytest.fixture
def manager(client, allier):
    """A client of a member who uploads images, documents, videos and consents."""
    client.force_login(make_user("manager", groups=["allier:publisher", "allier:media_manager"]))
    return client


@pytest.fixture
def files(allier):
    """One file of each kind that counts, except a pending upload."""
    fields = {"collection": allier.collection}
    return [
        ImageFactory(**fields),
        DocumentFactory(**fields),
        video := VideoFactory(file=ContentFile(b"a film", name="film.mp4"), page_url="", **fields),
        video.captions.get(),
        ConsentFactory(**fields),
    ]


def size_of(instance):
    return (getattr(instance, "proof", None) or instance.file).size


def picture(name="a.png", **size):
    return SimpleUploadedFile(name, png(**size), "image/png")


def upload(client, name="a.png", **size):
    """Upload a picture in the multiple uploader, where it waits for its text alternative; return the answer."""
    url = reverse("wagtailimages:add_multiple")
    return client.post(url, {"files[]": picture(name, **size)}, headers={"X-Requested-With": "XMLHttpRequest"}).json()


def complete(client, answer):
    """Send the details of a pending picture; return the answer."""
    key = answer["uploaded_file_id"]
    prefix = f"uploaded-image-{key}"
    details = {f"{prefix}-title": "Titre", f"{prefix}-description": "Un bureau"}
    url = reverse("wagtailimages:create_multiple_from_uploaded_image", args=[key])
    with warnings.catch_warnings():
        # Wagtail leaves the file of the new image to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        answer = client.post(url, details, headers={"X-Requested-With": "XMLHttpRequest"}).json()
        gc.collect()
    return answer


# --- The declaration ----------------------------------------------------------------------------------------


def test_every_file_field_is_declared():
    assert check_stored_files(None) == []
    found = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, FileField)
    }
    assert found == {(stored.model, stored.field) for stored in STORED_FILES}


@isolate_apps()
def test_a_new_file_field_that_is_not_declared_is_an_error():
    class Transcript(models.Model):  # noqa: DJ008
        file = models.FileField()

        class Meta:
            app_label = "cms_media"

    assert [field.name for field in undeclared_fields([Transcript])] == ["file"]


def test_every_file_field_with_a_form_is_counted_or_says_why():
    uncounted = {stored.model for stored in STORED_FILES if stored.uncounted and stored.form_limit}
    assert uncounted == {"wagtailusers.UserProfile"}


# --- What counts --------------------------------------------------------------------------------------------


def test_the_files_of_a_department_are_counted_with_one_query(allier, files, django_assert_num_queries):
    ImageFactory(collection=make_department("isere").collection)
    files[0].get_rendition("max-165x165")
    pending = UploadedFile.objects.create(file=ContentFile(b"waits", name="a.png"))
    PendingUpload.objects.filter(upload=pending).update(department=allier)
    counted = {instance._meta.label for instance in (*files, pending)}
    assert counted == {stored.model for stored in COUNTED_FILES}
    with django_assert_num_queries(1):
        assert used_bytes(allier) == sum(map(size_of, (*files, pending)))
    with django_assert_num_queries(1):
        assert storage_use(allier).pending == 5


def test_a_file_beyond_the_quota_is_refused_in_every_model(allier, files, settings):
    video = files[2]
    builders = [
        ImageFactory.build(collection=allier.collection),
        DocumentFactory.build(collection=allier.collection),
        Video(title="x", duration=1, collection=allier.collection, file=ContentFile(mp4(), name="b.mp4")),
        VideoCaption(video=video, language="it", file=ContentFile(WEBVTT.encode(), name="a.vtt")),
        ConsentFactory.build(collection=allier.collection),
    ]
    settings.DEPARTMENT_QUOTA_BYTES = used_bytes(allier)
    for instance in builders:
        with pytest.raises(ValidationError, match=REFUSAL):
            instance.full_clean()
        with pytest.raises(UploadRefused, match=REFUSAL):
            instance.save()  # whoever validates nothing
    settings.DEPARTMENT_QUOTA_BYTES = 0
    for instance in builders:
        instance.full_clean()


def test_a_replaced_file_gives_its_bytes_back(allier, settings):
    document = DocumentFactory(collection=allier.collection)
    settings.DEPARTMENT_QUOTA_BYTES = used_bytes(allier)
    document.file = ContentFile(pdf("Document"), name="other.pdf")
    document.full_clean()
    document.save()
    document.file = ContentFile(pdf("Document +"), name="longer.pdf")
    with pytest.raises(ValidationError, match=REFUSAL):
        document.full_clean()


def test_a_department_beyond_a_lowered_quota_can_shrink_and_edit(allier, settings):
    document = DocumentFactory(collection=allier.collection)
    settings.DEPARTMENT_QUOTA_BYTES = 1
    document.title = "Nouveau titre"
    document.full_clean()
    document.save()
    document.file = ContentFile(pdf("Doc"), name="shorter.pdf")
    document.full_clean()
    document.save()


# --- Forms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["image", "document"])
def test_the_forms_of_a_member_with_one_collection_count(manager, allier, settings, kind):
    """Wagtail sets the only collection after the validation."""
    settings.DEPARTMENT_QUOTA_BYTES = 10
    content = picture() if kind == "image" else SimpleUploadedFile("a.pdf", pdf("Document"))
    values = {"title": "x", "description": "x", "kind": "other", "file": content}
    response = manager.post(reverse(f"wagtail{kind}s:add" if kind == "image" else "wagtaildocs:add"), values)
    assert response.status_code == 200
    assert re.search(REFUSAL, str(response.context["form"].errors["file"]))


def form_of(row, collection):
    """Return the URL and the values of the form that moves a row to a collection."""
    values = {"title": "x", "description": "x", "kind": "other", "collection": collection.pk, "duration": 1}
    values |= {"person_name": "x", "scope": "image", "starts_on": "2020-01-01", "expires_on": "2030-01-01"}
    values |= {"language": "fr", "captions-TOTAL_FORMS": 0, "captions-INITIAL_FORMS": 0}
    if isinstance(row, Video):
        caption = row.captions.get()
        values |= {"captions-TOTAL_FORMS": 1, "captions-INITIAL_FORMS": 1, "captions-0-id": caption.pk}
        values |= {"captions-0-language": caption.language, "page_url": row.page_url}
    name = {"CustomImage": "wagtailimages:edit", "CustomDocument": "wagtaildocs:edit"}.get(
        type(row).__name__, f"wagtailsnippets_cms_media_{row._meta.model_name}:edit"
    )
    return reverse(name, args=[row.pk]), values


def move_by_bulk_action(row, collection):
    url = reverse("wagtail_bulk_action", args=[row._meta.app_label, row._meta.model_name, "add_to_collection"])
    return f"{url}?id={row.pk}&next={reverse('wagtailadmin_home')}", {"collection": collection.pk}


def move_collection(row, collection):
    url = reverse("department_collections:edit", args=[row.collection_id])
    return url, {"name": "Below", "parent": collection.pk}


MOVES = {form_of: range(5), move_by_bulk_action: (0, 1), move_collection: range(5)}


@pytest.mark.parametrize("is_full", [True, False])
@pytest.mark.parametrize(("move", "number"), [(move, number) for move in MOVES for number in MOVES[move]])
def test_a_file_that_moves_counts_in_the_other_department(client, allier, settings, move, number, is_full):
    """Only an administrator of the instance may move it. Captions move with their video."""
    below = allier.collection.add_child(name="Below")
    make = [ImageFactory, DocumentFactory, ConsentFactory, VideoFactory, VideoFactory][number]
    film = {"file": ContentFile(mp4(), name="film.mp4"), "page_url": ""} if number == 4 else {}
    row = make(collection=below, **film)
    other = make_department("isere", code="38")
    settings.DEPARTMENT_QUOTA_BYTES = used_bytes(allier) - is_full
    assert used_bytes(allier) > 0
    client.force_login(make_user("root", is_superuser=True))
    response = client.post(*move(row, other.collection), follow=True)
    assert response.status_code == 200
    assert bool(re.search("peuvent .* en tout|have .* together", response.content.decode())) is is_full
    assert (used_bytes(other) == settings.DEPARTMENT_QUOTA_BYTES) is not is_full
    assert (used_bytes(other) == 0) is is_full
    assert (used_bytes(allier) == 0) is not is_full


def captions_form(allier, captions, **fields):
    """Return the form of a video with captions in these languages."""
    values = {
        "title": "Film", "page_url": "", "language": "fr", "duration": "60", "collection": allier.collection_id,
        "captions-TOTAL_FORMS": len(captions), "captions-INITIAL_FORMS": 0,
        "captions-MIN_NUM_FORMS": 0, "captions-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for number, language in enumerate(captions):
        values[f"captions-{number}-language"] = language
        values[f"captions-{number}-file"] = SimpleUploadedFile("a.vtt", WEBVTT.encode(), "text/vtt")
    return values | fields


@pytest.mark.parametrize("missing", [1, 0])
def test_a_new_video_and_its_captions_count_together(manager, allier, settings, missing):
    film, languages = mp4(), ["fr", "it", "en"]
    settings.DEPARTMENT_QUOTA_BYTES = len(film) + 3 * len(WEBVTT.encode()) - missing
    values = captions_form(allier, languages, file=SimpleUploadedFile("a.mp4", film, "video/mp4"))
    response = manager.post(reverse("wagtailsnippets_cms_media_video:add"), values)
    if missing:
        assert re.search(REFUSAL, response.content.decode())
        assert not Video.objects.exists()
    else:
        assert response.status_code == 302, response.context["form"].errors
        assert used_bytes(allier) == settings.DEPARTMENT_QUOTA_BYTES


# --- Pending uploads ----------------------------------------------------------------------------------------


def test_a_pending_upload_counts_until_it_is_completed(manager, allier, settings):
    size = len(png())
    settings.DEPARTMENT_QUOTA_BYTES = size + 10
    answer = upload(manager)
    assert answer["success"]
    assert used_bytes(allier) == size
    second = upload(manager, "b.png")
    assert not second["success"]
    assert re.search(REFUSAL, second["error_message"])
    assert complete(manager, answer)["success"]  # Its bytes are not counted twice.
    assert (used_bytes(allier), CustomImage.objects.count(), PendingUpload.objects.count()) == (size, 1, 0)


def test_a_pending_upload_without_a_valid_collection_counts_for_the_current_department(manager, allier):
    other = make_department("isere", code="38")
    url = reverse("wagtailimages:add_multiple")
    ajax = {"X-Requested-With": "XMLHttpRequest"}
    manager.post(url, {"files[]": picture(), "collection": other.collection_id}, headers=ajax)
    upload(manager)
    assert set(PendingUpload.objects.values_list("department", flat=True)) == {allier.pk}
    assert used_bytes(other) == 0


def test_an_account_holds_a_bounded_number_of_pending_uploads(manager, allier, settings):
    settings.PENDING_UPLOADS_MAX = 2
    assert upload(manager)["success"]
    answer = upload(manager)
    assert not upload(manager)["success"]
    assert complete(manager, answer)["success"]
    assert upload(manager)["success"]
    assert UploadedFile.objects.count() == 2


# --- One step -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["document", "caption", "pending"])
def test_of_two_uploads_at_the_same_moment_one_is_refused(settings, kind):
    """The first transaction has written and is not committed; the second one waits for it, then counts its file."""
    allier = make_department("allier", code="03")
    video = VideoFactory(collection=allier.collection, captions=[])
    makers = {
        "document": lambda language: DocumentFactory.build(collection=allier.collection),
        "caption": lambda language: CaptionFactory.build(video=video, language=language),
    }
    make = makers.get(kind, makers["document"])
    settings.DEPARTMENT_QUOTA_BYTES = size_of(make("fr")) + 5
    written, refused = threading.Event(), []

    def second():
        written.wait(5)
        try:
            with transaction.atomic():
                make("it").save()
        except UploadRefused as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        row = make("fr")
        if kind == "pending":
            upload = UploadedFile.objects.create(file=row.file)
            list(type(allier).objects.select_for_update(no_key=True).filter(pk=allier.pk))
            PendingUpload.objects.filter(upload=upload).update(department=allier)
        else:
            row.save()
        written.set()
        thread.join(0.5)
        assert thread.is_alive()  # It waits.
    thread.join(10)
    assert len(refused) == 1
    assert used_bytes(allier) <= settings.DEPARTMENT_QUOTA_BYTES


# --- Free space ---------------------------------------------------------------------------------------------


def test_an_upload_leaves_the_reserve_of_the_disk_free(manager, allier, settings, monkeypatch):
    settings.STORAGE_RESERVE_BYTES = 1000
    needed = len(png())
    for free, is_accepted in ((1000 + needed, True), (999 + needed, False)):
        monkeypatch.setattr(free_space.shutil, "disk_usage", lambda path, free=free: DiskUsage(10**9, 0, free))
        answer = upload(manager)
        assert answer["success"] is is_accepted
    assert "disque" in answer["error_message"] or "disk" in answer["error_message"]
    document = DocumentFactory.build(collection=allier.collection)
    monkeypatch.setattr(free_space.shutil, "disk_usage", lambda path: DiskUsage(10**9, 10**9, 0))
    with pytest.raises(UploadRefused):
        document.save()
    assert not CustomDocument.objects.exists()


# --- The gauge ----------------------------------------------------------------------------------------------


def test_the_dashboard_shows_the_gauge_with_one_query(client, allier, files, settings):
    settings.DEPARTMENT_QUOTA_BYTES = 4 * used_bytes(allier)
    client.force_login(make_user(groups=["allier:media_manager"]))
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert re.search(r'<meter[^>]* value="25">25 %</meter>', page)
    client.force_login(make_user("reader", groups=["allier:reader"]))
    assert "<meter" not in client.get(reverse("wagtailadmin_home")).content.decode()

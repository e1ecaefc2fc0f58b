"""Each screen that takes a file: a damaged one is a message at the field, and an accepted image is shown everywhere."""

import gc
import io
import re
import zipfile

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.images.models import Filter
from wagtail.models import UploadedFile

from cms.media.models import CustomDocument, CustomImage, Video
from cms.media.renditions.making import missing_specs
from cms.media.renditions.specs import ORIGINAL, declared_specs
from cms.media.uploads.storage_quota import UploadRefused, used_bytes
from tests.factories import media_files
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory, png
from tests.factories.users import make_user
from tests.isolation.endpoints import endpoints

# Wagtail does not close the files that it reads.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

WAGTAIL_SPEC = re.compile(r"""\{% image \w+ ([\w-]+)|(?:_filter|_spec|_or_not_found\(\w+,) ?=? ?"([a-z]+-[\dx]+)\"""")
DAMAGED = re.compile("damaged or incomplete|endommagé ou incomplet")
CUT = {
    "a.jpg": lambda: media_files.picture("jpeg", size=(300, 300))[:-200][:2200],
    "a.png": lambda: png()[:-40],
}


@pytest.fixture(autouse=True)
def _closed_files():
    """Let the warnings about open files appear in the tests that ignore them."""
    yield
    gc.collect()


@pytest.fixture
def allier(db):
    return make_department("allier")


@pytest.fixture
def editor(client, allier):
    client.force_login(make_user(groups=["allier:editor"]))
    return client


def fields(allier, **values):
    return {"title": "Salon", "description": "Un salon", "collection": allier.collection_id, "tags": "", **values}


@pytest.mark.parametrize("name", CUT)
def test_every_screen_of_images_refuses_a_cut_file_at_its_field(editor, allier, name):
    stored = ImageFactory(collection=allier.collection)

    def file():
        return SimpleUploadedFile(name, CUT[name]())

    single = editor.post(reverse("wagtailimages:add"), fields(allier, file=file()))
    edited = editor.post(reverse("wagtailimages:edit", args=[stored.pk]), fields(allier, file=file()))
    several = editor.post(reverse("wagtailimages:add_multiple"), fields(allier, **{"files[]": file()}))
    chooser = editor.post(
        reverse("wagtailimages_chooser:create"),
        {f"image-chooser-upload-{key}": value for key, value in fields(allier, file=file()).items()},
    )
    assert [answer.status_code for answer in (single, edited, several, chooser)] == [200] * 4
    for form in (single.context["form"], edited.context["form"]):
        assert DAMAGED.search(str(form.errors["file"])) or "invalid" in str(form.errors.as_data()["file"])
    assert several.json()["success"] is False
    assert several.json()["error_message"]
    assert CustomImage.objects.get() == stored


# Files that no field takes, by the uploader. Each is refused by another rule.
REFUSED = {
    "docs": {
        "html.pdf": b"<!doctype html><script>alert(1)</script>",
        "binary.csv": b"\x00\x01",
        "latin.txt": "été".encode("latin-1"),
        "macros.docx": media_files.renamed_macros(),
        "no_extension": b"text",
        "program.exe": b"MZ",
        "empty.pdf": b"",
        "cut.pdf": b"%PDF-1.7\n",
    },
    "images": {
        "cut.png": png()[:-40],
        "html.jpg": b"<!doctype html>",
        "empty.gif": b"",
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "picture.exe": png(),
    },
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, files in REFUSED.items() for name in files])
def test_the_multiple_uploader_keeps_no_refused_file(editor, allier, kind, name):
    """Wagtail keeps a file that waits for its details whenever the error is not at the field of the file."""
    values = {"files[]": SimpleUploadedFile(name, REFUSED[kind][name]), "collection": allier.collection_id}
    answer = editor.post(reverse(f"wagtail{kind}:add_multiple"), values, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.json()["success"] is False
    assert answer.json()["error_message"]
    assert not UploadedFile.objects.exists()
    assert used_bytes(allier) == 0


@pytest.mark.parametrize("model", [CustomDocument, CustomImage])
def test_no_refused_file_waits_for_its_details_whatever_code_stores_it(allier, model):
    name = "html.pdf" if model is CustomDocument else "cut.png"
    content = {**REFUSED["docs"], **REFUSED["images"]}[name]
    waiting = UploadedFile(
        for_content_type=ContentType.objects.get_for_model(model), file=SimpleUploadedFile(name, content)
    )
    with pytest.raises(UploadRefused):
        waiting.save()
    assert not UploadedFile.objects.exists()


def test_a_document_is_stored_when_its_details_follow(editor, allier):
    upload = SimpleUploadedFile("a.docx", media_files.word_with_metadata())
    answer = editor.post(reverse("wagtaildocs:add_multiple"), {"files[]": upload, "collection": allier.collection_id})
    waiting = UploadedFile.objects.get(pk=answer.json()["uploaded_file_id"])
    url = reverse("wagtaildocs:create_multiple_from_uploaded_document", args=[waiting.pk])
    prefix = f"uploaded-document-{waiting.pk}-"
    values = {"title": "Guide", "kind": "", "language": "", "collection": allier.collection_id, "tags": ""}
    refused = editor.post(url, {f"{prefix}{key}": value for key, value in values.items()}).json()
    assert refused["success"] is False
    assert "form" in refused
    values["kind"] = "other"
    assert editor.post(url, {f"{prefix}{key}": value for key, value in values.items()}).json()["success"] is True
    document = CustomDocument.objects.get()
    assert (document.title, document.filename) == ("Guide", "a.docx")
    with zipfile.ZipFile(io.BytesIO(document.file.read())) as archive:
        assert not any(media_files.BYTES in archive.read(name) for name in archive.namelist())
    assert used_bytes(allier) == document.file_size
    assert not UploadedFile.objects.exists()


def test_an_image_that_waits_for_its_details_has_lost_its_metadata(editor, allier):
    upload = SimpleUploadedFile("a.jpg", media_files.picture("jpeg"))
    answer = editor.post(reverse("wagtailimages:add_multiple"), {"files[]": upload, "collection": allier.collection_id})
    waiting = UploadedFile.objects.get(pk=answer.json()["uploaded_file_id"])
    assert media_files.BYTES not in waiting.file.read()
    prefix = f"uploaded-image-{waiting.pk}-"
    editor.post(
        reverse("wagtailimages:create_multiple_from_uploaded_image", args=[waiting.pk]),
        {f"{prefix}{key}": value for key, value in fields(allier).items()},
    )
    image = CustomImage.objects.get()
    assert media_files.BYTES not in image.file.read()
    assert missing_specs(image) == []


def test_an_accepted_image_is_shown_on_every_screen(editor, allier):
    upload = SimpleUploadedFile("a.png", media_files.one_bit_transparent())
    editor.post(reverse("wagtailimages:add"), fields(allier, file=upload))
    image = CustomImage.objects.get()
    assert missing_specs(image) == []
    urls = [reverse("wagtailimages:index"), reverse("wagtailimages_chooser:choose")]
    urls += [reverse(f"wagtailimages:{name}", args=[image.pk]) for name in ("edit", "delete")]
    urls.append(reverse("wagtailimages_chooser:chosen", args=[image.pk]))
    for url in urls:
        answer = editor.get(url)
        assert answer.status_code == 200, url
        assert "missing-image" not in answer.content.decode(), url


def test_a_new_focal_point_and_a_new_file_make_renditions(editor, allier):
    image = ImageFactory(collection=allier.collection)
    form = fields(allier, **{f"focal_point_{key}": "30" for key in ("x", "y", "width", "height")})
    editor.post(reverse("wagtailimages:edit", args=[image.pk]), form)
    image = CustomImage.objects.get()
    assert image.focal_point_x == 30
    assert missing_specs(image) == []
    before = set(image.renditions.values_list("file", flat=True))
    form["file"] = SimpleUploadedFile("b.png", png(300, 200))
    editor.post(reverse("wagtailimages:edit", args=[image.pk]), form)
    image = CustomImage.objects.get()
    assert missing_specs(image) == []
    assert before.isdisjoint(image.renditions.values_list("file", flat=True))


def test_documents_and_videos_are_refused_at_their_field(editor, allier):
    macros = SimpleUploadedFile("a.docx", media_files.renamed_macros())
    answer = editor.post(
        reverse("wagtaildocs:add"), {"title": "A", "kind": "other", "collection": allier.collection_id, "file": macros}
    )
    assert "macros" in str(answer.context["form"].errors["file"])
    text = SimpleUploadedFile("a.mp4", media_files.mp4()[:-300])
    video = {"title": "A", "language": "fr", "duration": 8, "collection": allier.collection_id, "file": text}
    video |= {"captions-TOTAL_FORMS": 0, "captions-INITIAL_FORMS": 0}
    answer = editor.post(reverse("wagtailsnippets_cms_media_video:add"), video)
    assert DAMAGED.search(str(answer.context["form"].errors["file"]))
    assert not CustomDocument.objects.exists()
    assert not Video.objects.exists()


def test_the_declared_sizes_are_those_of_wagtail():
    from pathlib import Path

    import wagtail.images

    folder = Path(wagtail.images.__file__).parent
    sources = [*folder.glob("templates/**/*.html"), *folder.glob("*.py"), *folder.glob("views/*.py")]
    used = {spec for path in sources for match in WAGTAIL_SPEC.findall(path.read_text()) for spec in match if spec}
    assert {"max-165x165", "max-800x600", "fill-600x338"} <= used
    used -= {ORIGINAL, "width-100", "max-320x200"}  # the last two are examples in messages
    assert used <= set(declared_specs())


@pytest.mark.parametrize("is_superuser", [False, True])
def test_no_url_makes_an_image_of_a_requested_size(client, allier, is_superuser):
    """Wagtail's preview of an image URL answers with 4,000 x 4,000 pixels of any image."""
    client.force_login(make_user("a", groups=["allier:administrator"], is_superuser=is_superuser))
    image = ImageFactory(collection=allier.collection)
    answers = {}
    for endpoint in endpoints():
        if "filter_spec" in endpoint.parameters or "url_generator" in endpoint.name:
            size = {"filter_spec": "fill-4000x4000"} if "filter_spec" in endpoint.parameters else {}
            url = reverse(endpoint.name, kwargs={"image_id": image.pk, **size})
            answers[endpoint.name] = client.get(url, {"filter_method": "width", "width": 4000}).status_code
    assert "wagtailimages:preview" in answers
    assert set(answers.values()) == {404}


def test_a_page_makes_no_rendition(allier):
    image = ImageFactory(collection=allier.collection)
    image.renditions.all().delete()
    image = CustomImage.objects.get()
    assert image.get_rendition(Filter("max-165x165")).is_placeholder
    assert all(each.is_placeholder for each in image.get_renditions("max-165x165", "max-800x600").values())
    assert image.get_rendition(ORIGINAL).url == image.file.url
    assert not image.renditions.exists()

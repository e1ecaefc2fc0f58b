"""Tests that an uploaded file is what its name says, and that no archive unpacks without end."""

import io
import zipfile

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import FileExtensionValidator
from django.urls import reverse

from cms.media.models import Consent, CustomDocument, Video
from cms.media.uploads import file_contents
from cms.media.uploads.file_contents import CHECKS, validate_content, validate_new_content
from tests.factories.departments import make_department
from tests.factories.files import pdf
from tests.factories.media import DocumentFactory
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded

HTML = b"<!doctype html><script>alert(1)</script>"


def packed(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return content.getvalue()


def office(part):
    return packed(**{"[Content_Types].xml": "<Types/>", f"{part}/document.xml": "<w/>"})


def open_document(kind):
    return packed(mimetype=f"application/vnd.oasis.opendocument.{kind}", **{"content.xml": "<o/>"})


RIGHT = {
    "csv": "année;total\n2026;3\n".encode(),
    "docx": office("word"),
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(20),
    "jpg": b"\xff\xd8\xff\xe0" + bytes(20),
    "mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(20),
    "odp": open_document("presentation"),
    "ods": open_document("spreadsheet"),
    "odt": open_document("text"),
    "pdf": b"\xef\xbb\xbf%PDF-1.7\n",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "pptx": office("ppt"),
    "srt": b"1\n00:00:01,000 --> 00:00:02,000\nBonjour.\n",
    "txt": "élan".encode(),
    "vtt": b"WEBVTT\n",
    "webm": b"\x1a\x45\xdf\xa3" + bytes(20),
    "xlsx": office("xl"),
    "zip": packed(a="b"),
}


# The sample of a PDF file has no byte that a text may not have.
TEXTS = {"csv", "srt", "txt", "vtt", "html", "pdf", "empty"}
# Contents that a type takes as well.
LIKE = {
    "jpg": {"jpeg"},
    "jpeg": {"jpg"},
    "zip": {"docx", "odp", "ods", "odt", "pptx", "xlsx"},
    **dict.fromkeys(("csv", "srt", "txt", "vtt"), TEXTS),
}


def allowed_extensions():
    """The extensions that any file field takes, images excepted; a new one needs a check."""
    found = set(settings.WAGTAILDOCS_EXTENSIONS)
    for model in apps.get_app_config("cms_media").get_models():
        for field in model._meta.get_fields():
            for validator in getattr(field, "validators", ()):
                if isinstance(validator, FileExtensionValidator):
                    found |= set(validator.allowed_extensions)
    return found - {"avif", "gif", "webp"}


def test_every_extension_has_a_check_and_a_sample():
    assert allowed_extensions() == set(CHECKS) == set(RIGHT)


@pytest.mark.parametrize("extension", sorted(RIGHT))
def test_only_the_content_of_the_type_is_taken(extension):
    validate_content(io.BytesIO(RIGHT[extension]), f"a.{extension.upper()}")
    for other, content in {**RIGHT, "html": HTML, "exe": b"MZ\x90\x00\xff", "empty": b""}.items():
        if other in {extension} | LIKE.get(extension, set()):
            continue
        with pytest.raises(ValidationError):
            validate_content(io.BytesIO(content), f"a.{extension}")


def test_a_text_is_in_utf_8():
    with pytest.raises(ValidationError, match="Windows-1252"):
        validate_content(io.BytesIO("été".encode("latin-1")), "a.csv")


def test_an_archive_has_limits(monkeypatch):
    monkeypatch.setattr(file_contents, "MAX_MEMBERS", 3)
    validate_content(io.BytesIO(packed(a="1", b="2", c="3")), "a.zip")
    with pytest.raises(ValidationError) as refusal:
        validate_content(io.BytesIO(packed(a="1", b="2", c="3", d="4")), "a.zip")
    assert refusal.value.code == "archive_too_large"


def test_a_bomb_is_refused_before_it_is_unpacked():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(11):
            archive.writestr(f"word/{number}", bytes(100 << 20))
    assert len(content.getvalue()) < 2 << 20
    for name in ("a.docx", "a.zip"):
        with pytest.raises(ValidationError) as refusal:
            validate_content(content, name)
        assert refusal.value.code == "archive_too_large"


def test_a_long_directory_and_zip64_are_refused_unread(monkeypatch):
    def read(*arguments):
        raise AssertionError("the archive was opened")

    monkeypatch.setattr(zipfile, "ZipFile", read)
    end = file_contents.END_OF_ARCHIVE
    long_directory = bytes(100) + end.pack(b"PK\x05\x06", 0, 0, 1, 1, 1 << 30, 0, 0)
    zip64 = bytes(100) + b"PK\x06\x07" + bytes(16) + end.pack(b"PK\x05\x06", 0, 0, 1, 1, 10, 0, 0)
    # The mark of a record stands in the last bytes of the record, which `zipfile` reads all the same.
    hidden = bytes(100) + end.pack(b"PK\x05\x06", 0, 0, 1, 1, 1 << 30, 0x06054B50, 0)
    for content in (long_directory, zip64, hidden):
        with pytest.raises(ValidationError) as refusal:
            validate_content(io.BytesIO(content), "a.zip")
        assert refusal.value.code == "archive_too_large"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "name"), [(CustomDocument, "a.pdf"), (Video, "a.mp4"), (Consent, "a.pdf"), (CustomDocument, "a.docx")]
)
def test_every_model_checks_a_new_file(model, name):
    field = "proof" if model is Consent else "file"
    instance = model(**{field: ContentFile(HTML, name=name)})
    with pytest.raises(ValidationError) as refusal:
        instance.clean()
    assert "content_differs" in {error.code for error in refusal.value.error_dict[field]}


@pytest.mark.django_db
def test_a_stored_file_is_not_read_again(monkeypatch):
    document = CustomDocument.objects.get(pk=DocumentFactory().pk)
    monkeypatch.setattr(file_contents, "validate_content", None)
    validate_new_content(document.file)


@pytest.mark.django_db
def test_the_upload_of_html_as_pdf_is_refused(client):
    department = make_department("allier")
    client.force_login(make_user("camille", groups=["allier:editor"]))
    form = {"title": "A", "kind": "other", "collection": department.collection_id, "tags": ""}
    for content, expected in ((HTML, 0), (pdf("Bonjour"), 1)):
        client.post(reverse("wagtaildocs:add"), form | {"file": ContentFile(content, name="a.pdf")})
        assert CustomDocument.objects.count() == expected


def test_the_encoding_of_a_text_is_named():
    for encoding, name in (("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16")):
        for text in ("Année et été", *(["Total"] if name == "UTF-16" else [])):
            with pytest.raises(ValidationError) as refused:
                validate_content(ContentFile(text.encode(encoding)), "a.csv")
            assert name in refused.value.messages[0]

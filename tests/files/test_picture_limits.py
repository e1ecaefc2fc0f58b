"""Pictures made to be costly: the child process reads them with bounds, and the web process opens none at all."""

import gc
import io
import struct
import time
import tracemalloc
import zlib
from contextlib import suppress

import pytest
import willow
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageFile
from wagtail.models import UploadedFile
from wagtail.users.models import UserProfile

from cms.media.forms import InspectedImageField
from cms.media.inspection import refusal
from cms.media.inspection.pictures import inspect_picture
from cms.media.models import CustomImage
from cms.media.uploads.overrides.avatar_form import LimitedAvatarForm
from tests.factories import media_files
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory
from tests.factories.media_files import BYTES
from tests.factories.users import make_user

# Wagtail does not close the files that it reads.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(kind, content=b"", number=1):
    made = media_files.plain_picture("png")
    return made[:33] + chunk(kind, content) * number + made[33:]


def jpeg(segments):
    made = media_files.plain_picture("jpeg")
    return made[:2] + segments + made[2:]


def exif(entries, size):
    """Return EXIF data with many entries that name the same bytes."""
    entry = b"".join(struct.pack(">HHII", number, 7, size - 20, 8) for number in range(1000, 1000 + entries))
    return (b"MM\0*\0\0\0\x08" + struct.pack(">H", entries) + entry + bytes(4)).ljust(size, b"\1")


def gif(frames):
    made = media_files.plain_picture("gif", size=(1, 1))
    start = made.index(b",", 13 + (3 << (made[10] & 7) + 1 if made[10] & 0x80 else 0))
    return made[:start] + made[start:-1] * frames + b";"


def animation(frames):
    out = io.BytesIO()
    first, second = (Image.new("RGB", (16, 16), colour) for colour in ("red", "blue"))
    first.save(out, "WEBP", save_all=True, append_images=[second])
    made = out.getvalue()
    start = made.index(b"ANMF")
    end = start + 8 + struct.unpack_from("<I", made, start + 4)[0]
    made = made[:start] + made[start:end] * frames + made[end:]
    return made[:4] + struct.pack("<I", len(made) - 8) + made[8:]


def scans(number):
    made = media_files.plain_picture("jpeg", progressive=True)
    return made[:-2] + made[made.index(b"\xff\xda") : -2] * number + made[-2:]


def exif_segments(number, size):
    """Return a JPEG whose EXIF data are divided: Pillow joins the parts one by one."""
    return jpeg((b"\xff\xe1" + struct.pack(">H", size + 8) + b"Exif\0\0" + bytes(size)) * number)


def rationals(number):
    """Return a JPEG whose resolution has millions of values."""
    tiff = b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 0x011A, 5, number, 38, 0x0128, 3, 1, 2, 0) + bytes(8 * number)
    parts = [tiff[start : start + 65_500] for start in range(0, len(tiff), 65_500)]
    return jpeg(b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 8) + b"Exif\0\0" + part for part in parts))


def gif_comment(number):
    """Return a GIF with a comment in parts of one byte."""
    made = media_files.plain_picture("gif")
    return made[:-1] + b"!\xfe" + b"\x01c" * number + b"\0;"


def box(kind, content):
    return struct.pack(">I", len(content) + 8) + kind + content


def avif_items(number):
    """Return an AVIF that declares items: libavif looks each of them up in a list."""
    items = b"".join(box(b"infe", struct.pack(">IIH4sx", 3 << 24, item, 0, b"av01")) for item in range(1, number + 1))
    described = box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + box(b"pitm", struct.pack(">II", 1 << 24, 1))
    described += box(b"iinf", struct.pack(">II", 1 << 24, number) + items) + box(b"iloc", bytes(4) + b"\x44\0\0\0")
    return box(b"ftyp", b"avif\0\0\0\0avifmif1miaf") + box(b"meta", bytes(4) + described) + box(b"mdat", bytes(16))


def big_tiff(number):
    """Return a BigTIFF, with the mark of an AVIF where readers of TIFF skip it, and a tag of many values."""
    head = b"II" + struct.pack("<H4sQ", 43, b"ftyp", 16 + 8 * number) + bytes(8 * number)
    tags = struct.pack("<HHQQ", 256, 4, 1, 10) + struct.pack("<HHQQ", 257, 4, 1, 10)
    return head + struct.pack("<Q", 3) + tags + struct.pack("<HHQQQ", 339, 5, number, 16, 0)


PICTURES = {
    "chunks": ("a.png", lambda: png(b"tEXt", b"a\0b", 1_000_000), refusal.TOO_COMPLEX),
    "empty chunks of pixels": ("a.png", lambda: png(b"IDAT", b"", 1_000_000), refusal.TOO_COMPLEX),
    "comments": ("a.jpg", lambda: jpeg(b"\xff\xfe\0\2" * 2_000_000), refusal.TOO_COMPLEX),
    "bytes that fill up": ("a.jpg", lambda: jpeg(b"\xff" * 2_000_000), refusal.TOO_COMPLEX),
    "scans": ("a.jpg", lambda: scans(200), refusal.TOO_COMPLEX),
    "frames of a GIF": ("a.gif", lambda: gif(600_000), refusal.TOO_COMPLEX),
    "frames of a WebP": ("a.webp", lambda: animation(5_000), refusal.TOO_COMPLEX),
    "entries of EXIF": ("a.png", lambda: png(b"eXIf", exif(60_000, 4_000_000)), ""),
    "parts of EXIF": ("a.jpg", lambda: exif_segments(19_000, 1_000), ""),
    "values of EXIF": ("a.jpg", lambda: rationals(1_100_000), ""),
    "parts of a comment": ("a.gif", lambda: gif_comment(4_000_000), ""),
    "items of an AVIF": ("a.avif", lambda: avif_items(100_000), refusal.TOO_COMPLEX),
    "BigTIFF": ("a.avif", lambda: big_tiff(1_000_000), refusal.OTHER_KIND),
    "one large chunk": ("a.png", lambda: png(b"prVt", bytes(15_000_000)), ""),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_counted_before_a_library_reads_it(measured, name):
    file_name, make, reason = PICTURES[name]
    content = make()
    assert measured(file_name, "image", content) == reason
    assert measured(file_name, "avatar", content) == reason
    for field in (InspectedImageField(), LimitedAvatarForm.base_fields["avatar"]):
        started = time.process_time()
        with suppress(ValidationError):
            field.to_python(SimpleUploadedFile(file_name, content))
        assert time.process_time() - started < 1


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_picture_of_another_format_is_not_opened(name):
    entries = [(256, 3, 8), (257, 3, 8), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 3, 8), (279, 4, 64)]
    size = 1_000_000
    packed = [struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries]
    packed += [struct.pack("<HHII", 300 + number, 7, size - 20, 8) for number in range(5_000)]
    content = (struct.pack("<4sIH", b"II*\0", 8, len(packed)) + b"".join(packed) + bytes(4)).ljust(size, b"\1")
    for field in (InspectedImageField(), LimitedAvatarForm.base_fields["avatar"]):
        tracemalloc.start()
        try:
            with pytest.raises(ValidationError):
                field.to_python(SimpleUploadedFile(name, content))
            assert tracemalloc.get_traced_memory()[1] < 20_000_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg", "gif", "avif"])
def test_a_picture_with_too_many_pixels_is_not_decoded(kind, tmp_path, monkeypatch):
    decoded = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda picture: decoded.append(picture))
    path = tmp_path / "file"
    path.write_bytes(media_files.plain_picture(kind, size=(101, 100)))
    with pytest.raises(refusal.Refused, match=refusal.TOO_MANY_PIXELS):
        inspect_picture(path, kind, {"pixels": 10_000}, tmp_path)
    assert not decoded


@pytest.fixture(autouse=True)
def _closed_files():
    """Let the warnings about open files appear in the tests that ignore them."""
    yield
    gc.collect()


@pytest.fixture
def without_libraries(monkeypatch):
    """Let every library that opens a picture in this process fail."""

    def refuse(*_arguments, **_options):
        raise AssertionError("a library opens a picture in the web process")

    for owner, name in ((Image, "open"), (ImageFile.Parser, "feed"), (willow.Image, "open")):
        monkeypatch.setattr(owner, name, refuse)


@pytest.fixture
def editor(client, department):
    client.force_login(make_user("editor", groups=["allier:editor"]))
    return client


@pytest.fixture
def department(db):
    return make_department("allier")


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg", "gif", "avif"])
def test_no_screen_opens_a_picture_in_the_web_process(editor, department, kind, own_files, without_libraries):
    fields = {"title": "x", "description": "x", "collection": department.collection_id}

    def file(size):
        return SimpleUploadedFile(f"a.{kind}", media_files.picture(kind, size=size), f"image/{kind}")

    editor.post(reverse("wagtailimages:add"), fields | {"file": file((60, 40))})
    stored = CustomImage.objects.get()
    assert (stored.width, stored.height) == (60, 40)
    editor.post(reverse("wagtailimages:edit", args=[stored.pk]), fields | {"file": file((500, 300))})
    assert CustomImage.objects.filter(pk=stored.pk, width=500, height=300).exists()
    editor.post(
        reverse("wagtailimages_chooser:create"),
        {f"image-chooser-upload-{name}": value for name, value in (fields | {"file": file((61, 40))}).items()},
    )
    editor.post(
        reverse("wagtailimages:add_multiple"),
        fields | {"files[]": file((62, 40))},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    waiting = UploadedFile.objects.get()
    editor.post(
        reverse("wagtailimages:create_multiple_from_uploaded_image", args=[waiting.pk]),
        {f"uploaded-image-{waiting.pk}-{name}": value for name, value in fields.items()},
    )
    assert sorted(CustomImage.objects.values_list("width", flat=True)) == [61, 62, 500]


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg", "gif", "avif"])
def test_no_form_opens_a_profile_picture_in_the_web_process(kind, db, own_files, monkeypatch, request):
    uploads = [SimpleUploadedFile(f"a.{kind}", media_files.picture(kind, size=size)) for size in ((60, 40), (900, 500))]
    profile = UserProfile.get_for_user(make_user())
    request.getfixturevalue("without_libraries")
    for upload in uploads:
        form = LimitedAvatarForm({}, {"avatar": upload}, instance=profile)
        assert form.is_valid(), form.errors
        form.save()
    monkeypatch.undo()
    with Image.open(profile.avatar) as picture:
        assert max(picture.size) == 400
    assert BYTES not in profile.avatar.open().read()


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_no_form_opens_a_proof_in_the_web_process(kind, department, without_libraries):
    content = media_files.picture("jpeg" if kind == "jpg" else kind)
    consent = ConsentFactory.build(collection=department.collection, proof=ContentFile(content, name=f"a.{kind}"))
    consent.full_clean()
    assert consent.proof.read() == content, "a proof keeps its metadata"

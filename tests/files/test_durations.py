"""The duration of a video is that of its file, and a file of any size is copied in parts."""

import struct

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cms.copies.media_copies import get_or_create_copy
from cms.media.models import Video
from tests.factories import media_files
from tests.factories.departments import make_department
from tests.factories.media_files import box, element
from tests.factories.users import make_user
from tests.files.hidden_metadata import fragmented_mp4

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]
ADD = "wagtailsnippets_cms_media_video:add"
FORM = {"title": "A", "language": "fr", "captions-TOTAL_FORMS": 0, "captions-INITIAL_FORMS": 0}


@pytest.fixture
def allier():
    return make_department("allier")


@pytest.fixture
def send(client, allier):
    """Send the form of a video; return the errors."""
    client.force_login(make_user(groups=["allier:editor"]))

    def send(url, **values):
        answer = client.post(url, FORM | {"collection": allier.collection_id} | values)
        return {} if answer.status_code == 302 else answer.context["form"].errors

    return send


@pytest.mark.parametrize("typed", ["", "5", "8", "99999"])
@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_video_has_the_duration_of_its_file(send, typed, kind):
    file = SimpleUploadedFile(f"a.{kind}", getattr(media_files, kind)(seconds=8))
    assert send(reverse(ADD), file=file, duration=typed) == {}
    video = Video.objects.get()
    assert video.duration == 8
    assert send(reverse("wagtailsnippets_cms_media_video:edit", args=[video.pk]), duration="77") == {}
    assert Video.objects.get().duration == 8


def fragment(*, header=b"", times=b"", run=b""):
    """Return a fragment of the track 1 of `fragmented_mp4`, which begins with a fragment of eight seconds."""
    flags = 0x20008 if header else 0x20000
    track = box(b"traf", box(b"tfhd", struct.pack(">II", flags, 1), header), times, box(b"trun", run))
    return box(b"moof", box(b"mfhd", bytes(8)), track) + box(b"mdat", bytes(4))


def times(start, *, is_long=False):
    return box(b"tfdt", struct.pack(">IQ" if is_long else ">II", 1 << 24 if is_long else 0, start))


TWO_SAMPLES = struct.pack(">II", 0, 2)
WITH_DURATIONS = struct.pack(">IIiI4I", 0x305, 2, 0, 0, 1500, 2, 2500, 2)
FRAGMENTS = {
    "defaults of the movie": (fragment(run=TWO_SAMPLES), 24),
    "defaults of the fragment": (fragment(header=struct.pack(">I", 2000), run=TWO_SAMPLES), 12),
    "each sample": (fragment(run=WITH_DURATIONS), 12),
    "several": (fragment(run=WITH_DURATIONS) * 3, 20),
    "with a time": (fragment(times=times(20_000, is_long=True), run=WITH_DURATIONS), 24),
    "again": (fragment(times=times(0), run=WITH_DURATIONS), 8),
}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_video_in_fragments_has_the_duration_of_all(send, name):
    """Its headers often have none, or that of the first fragment."""
    fragments, seconds = FRAGMENTS[name]
    assert send(reverse(ADD), file=SimpleUploadedFile("a.mp4", fragmented_mp4() + fragments), duration="5") == {}
    assert Video.objects.get().duration == seconds


def test_a_recording_without_duration_ends_with_its_last_block(send):
    """A browser that records, or a program that streams, does not know the duration when it writes the header."""
    known = element("4489", struct.pack(">d", 8000))
    content = media_files.webm(seconds=8).replace(known, element("ec", bytes(9)))
    blocks = element("a3", b"\x81\x00\x00\x80") + element(
        "a0", element("a1", b"\x81" + struct.pack(">h", 3400) + b"\x00")
    )
    later = element("1f43b675", element("e7", struct.pack(">H", 60_000)), blocks)
    segment = bytes.fromhex("18538067")
    place = content.index(segment) + 4
    (size,) = struct.unpack_from(">Q", content, place)
    content = content[:place] + struct.pack(">Q", size + len(later)) + content[place + 8 :] + later
    assert send(reverse(ADD), file=SimpleUploadedFile("a.webm", content), duration="5") == {}
    assert Video.objects.get().duration == 63


@pytest.mark.parametrize("seconds", [0, float("nan"), float("inf"), -3, 1e12])
def test_a_file_without_a_possible_duration_needs_one(send, seconds):
    content = media_files.webm(seconds=seconds)
    assert "duration" in send(reverse(ADD), file=SimpleUploadedFile("a.webm", content), duration="")
    assert send(reverse(ADD), file=SimpleUploadedFile("a.webm", content), duration="12") == {}
    assert Video.objects.get().duration == 12


def test_a_video_on_a_platform_needs_a_duration(send):
    url = "https://peertube.example.org/w/4ZqdGDrvTqHbXWzBbGuFRy"
    assert "duration" in send(reverse(ADD), page_url=url, duration="")
    assert send(reverse(ADD), page_url=url, duration="12") == {}
    assert Video.objects.get().duration == 12


def test_a_copy_reads_its_file_in_parts_and_has_its_duration(allier, monkeypatch):
    isere = make_department("isere")
    content = media_files.mp4(seconds=8, sample=b"\x00" * (3 << 20))
    video = Video(title="A", duration=500, collection=isere.collection, file=ContentFile(content, name="a.mp4"))
    video.save()
    reads = []
    chunks = File.chunks

    def counted(file, chunk_size=None):
        for chunk in chunks(file, chunk_size):
            reads.append(len(chunk))
            yield chunk

    monkeypatch.setattr(File, "chunks", counted)
    monkeypatch.setattr(ContentFile, "__init__", lambda *args, **kwargs: pytest.fail("a whole file is in the memory"))
    copy = get_or_create_copy(Video.objects.get(), allier)
    assert copy.duration == 8
    assert max(reads) <= 1 << 20
    assert sum(reads) >= len(content)
    with copy.file.open() as file:
        assert len(file.read()) == len(content)

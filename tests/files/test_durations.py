"""The duration of a video is that of its file, and a file of any size is copied in parts."""

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cms.copies.media_copies import get_or_create_copy
from cms.media.models import Video
from tests.factories import media_files
from tests.factories.departments import make_department
from tests.factories.users import make_user

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


@pytest.mark.parametrize("seconds", [0, float("nan"), float("inf"), -3, 1e12])
def test_a_file_without_a_possible_duration_needs_one(send, seconds):
    content = media_files.webm(seconds=seconds)
    assert "duration" in send(reverse(ADD), file=SimpleUploadedFile("a.webm", content), duration="")
    assert send(reverse(ADD), file=SimpleUploadedFile("a.webm", content), duration="12") == {}
    assert Video.objects.get().duration == 12


def test_a_video_on_a_platform_needs_a_duration(send):
    address = "https://peertube.example.org/w/4ZqdGDrvTqHbXWzBbGuFRy"
    assert "duration" in send(reverse(ADD), page_url=address, duration="")
    assert send(reverse(ADD), page_url=address, duration="12") == {}
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

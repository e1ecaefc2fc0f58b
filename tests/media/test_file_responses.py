"""File responses: ranges, validators, HEAD (RFC 9110), and storages without paths."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage

from cms.media.file_responses import file_response
from tests.factories.media import VideoFactory, show

from .conftest import body

FILM = b"0123456789" * 10
PUBLIC = "public, max-age=60"


@pytest.fixture
def film(allier):
    video = VideoFactory(collection=allier.collection, file=ContentFile(FILM, name="film.mp4"), page_url="")
    show(video.file.name, department=allier)
    return SimpleNamespace(url=video.file.url, path=video.file.path)


@pytest.mark.parametrize(
    ("byte_range", "start", "end"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=95-", 95, 99),
        ("bytes=90-1000", 90, 99),
        ("bytes=-5", 95, 99),
        ("bytes=-1000", 0, 99),
        ("Bytes=99-99", 99, 99),
    ],
)
def test_a_range_of_a_file(get, film, byte_range, start, end):
    response = get(film.url, range=byte_range)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end}/100"
    assert response["Content-Length"] == str(end - start + 1)
    assert response.body == FILM[start : end + 1]


@pytest.mark.parametrize("byte_range", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_range_past_the_end(get, film, byte_range):
    response = get(film.url, range=byte_range)
    assert (response.status_code, response["Content-Range"], response.content) == (416, "bytes */100", b"")


@pytest.mark.parametrize("byte_range", ["bytes=9-5", "bytes=-", "bytes=0-1,5-6", "lines=0-5", "bytes=a-b", "bytes"])
def test_an_invalid_range_is_ignored(get, film, byte_range):
    response = get(film.url, range=byte_range)
    assert (response.status_code, response.body) == (200, FILM)
    assert response["Accept-Ranges"] == "bytes"


def test_if_range_with_another_version_returns_the_whole_file(get, film):
    whole = get(film.url)
    for validator in (whole["ETag"], whole["Last-Modified"]):
        response = get(film.url, **{"range": "bytes=0-4", "if-range": validator})
        assert (response.status_code, response.body) == (206, FILM[:5])
    for validator in ('"another"', f"W/{whole['ETag']}", "Thu, 01 Jan 1970 00:00:00 GMT", "nonsense"):
        response = get(film.url, **{"range": "bytes=0-4", "if-range": validator})
        assert (response.status_code, response.body) == (200, FILM)


def test_conditional_requests(get, film):
    whole = get(film.url)
    for validator in ({"if-none-match": whole["ETag"]}, {"if-modified-since": whole["Last-Modified"]}):
        response = get(film.url, **validator)
        assert (response.status_code, response.content) == (304, b"")
        assert (response["ETag"], response["Cache-Control"]) == (whole["ETag"], PUBLIC)
    response = get(film.url, **{"if-none-match": '"another"'})
    assert response.body == FILM
    assert get(film.url, **{"if-match": '"another"'}).status_code == 412


def test_head_returns_the_headers_of_get_without_opening_the_file(client, film):
    whole = client.get(film.url)
    assert body(whole) == FILM
    head = client.head(film.url, headers={"range": "bytes=0-4"})
    assert (head.status_code, head.content) == (200, b"")
    assert not head.streaming
    assert dict(head.headers) == dict(whole.headers)


def test_only_get_and_head_are_allowed(client, film):
    for method in ("post", "put", "delete"):
        assert getattr(client, method)(film.url).status_code == 405


def test_a_change_of_the_file_changes_its_etag(get, film):
    first = get(film.url)
    with Path(film.path).open("ab") as file:
        file.write(b"more")
    second = get(film.url, **{"if-none-match": first["ETag"]})
    assert (second.status_code, second.body) == (200, FILM + b"more")


def test_a_storage_without_paths_is_supported(rf):
    """Storages of django-storages have no path on this machine."""
    storage = InMemoryStorage()
    name = storage.save("videos/film.mp4", ContentFile(FILM))
    response = file_response(rf.get("/", headers={"range": "bytes=10-12"}), storage, name, is_public=True)
    assert (response.status_code, body(response)) == (206, b"012")

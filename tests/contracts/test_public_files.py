"""The public gets each file that a published sample shows, and no other. The samples fill every field and block."""

import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from django.core.files.storage import default_storage

from cms.delivery.models import PublishedDocument
from cms.media.models import CustomDocument, CustomImage, PublicFile

from .test_answers import DOCUMENTS

FILE_URL = re.compile(r"https?://[^\"\\<> ]+(?:/media/|/documents/)[^\"\\<> ]+")


def body_of(name):
    content_id, locale = DOCUMENTS[name]
    return PublishedDocument.objects.get(content_id=content_id, locale=locale).body


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_of_a_document_is_public(samples, db, client, name):
    urls = sorted({urlsplit(url).path for url in FILE_URL.findall(body_of(name))})
    assert urls
    for url in urls:
        response = client.get(url)
        response.getvalue()  # Reading it all closes the file.
        assert (response.status_code, response["Cache-Control"]) == (200, "public, max-age=60"), url


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_files_in_a_document_are_listed_for_it(samples, db, name):
    content_id, locale = DOCUMENTS[name]
    document = PublishedDocument.objects.get(content_id=content_id, locale=locale)
    body = unquote(document.body)
    for public in document.files.all():
        attached = CustomDocument.objects.filter(file=public.name).first()
        assert (attached.url if attached else f"/media/{public.name}") in body


def test_every_other_file_of_the_samples_is_for_members(samples, db, client):
    stored = [f"/media/{image.file.name}" for image in CustomImage.objects.all()]
    assert stored
    assert {client.get(url).status_code for url in stored} == {404}
    shown = set(PublicFile.objects.values_list("name", flat=True))
    for image in CustomImage.objects.all():
        for rendition in (image.get_rendition("max-165x165"), *image.renditions.all()):
            expected = 200 if rendition.file.name in shown else 404
            response = client.get(rendition.url)
            response.getvalue()  # Reading it all closes the file.
            assert response.status_code == expected, rendition.file.name
            assert default_storage.exists(rendition.file.name)


def test_the_bodies_hold_no_url_of_an_original(samples, db):
    bodies = json.dumps([body_of(name) for name in DOCUMENTS])
    assert "original_images" not in bodies

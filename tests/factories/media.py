"""Images, documents, videos and consents."""

import datetime
from io import BytesIO

import factory
from django.core.files.base import ContentFile
from PIL import Image
from wagtail.models import Collection

from cms.delivery.models import PublishedDocument
from cms.media.models import Consent, CustomDocument, CustomImage, PublicFile, Video, VideoCaption
from sites.models import Department

from . import documents
from .files import pdf
from .recorded_models import RecordedModelFactory

WEBVTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nBonjour.\n\n00:02.000 --> 00:04.000\nJe suis assistante sociale.\n"


def png(width=1200, height=800, colour="#336699") -> bytes:
    """Return a PNG image of one colour."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


class MediaFactory(RecordedModelFactory):
    class Meta:
        abstract = True

    collection = factory.LazyFunction(Collection.get_first_root_node)


class ImageFactory(MediaFactory):
    class Meta:
        model = CustomImage

    title = factory.Sequence("Image {}".format)
    description = "Deux personnes parlent dans un bureau"
    credit = "Studio Exemple"
    file = factory.LazyFunction(lambda: ContentFile(png(), name="image.png"))


class DocumentFactory(MediaFactory):
    class Meta:
        model = CustomDocument

    title = factory.Sequence("Document {}".format)
    file = factory.LazyFunction(lambda: ContentFile(pdf("Document"), name="document.pdf"))


class ConsentFactory(MediaFactory):
    class Meta:
        model = Consent

    person_name = "Camille Exemple"
    scope = Consent.Scope.IMAGE_AND_VOICE
    starts_on = datetime.date(2020, 1, 1)
    expires_on = datetime.date(2099, 12, 31)
    proof = factory.LazyFunction(lambda: ContentFile(pdf("Consentement"), name="consent.pdf"))


class CaptionFactory(RecordedModelFactory):
    class Meta:
        model = VideoCaption

    language = "fr"
    file = factory.LazyFunction(lambda: ContentFile(WEBVTT.encode(), name="captions.vtt"))


class VideoFactory(MediaFactory):
    class Meta:
        model = Video
        skip_postgeneration_save = True

    title = factory.Sequence("Video {}".format)
    page_url = "https://peertube.example.org/w/4ZqdGDrvTqHbXWzBbGuFRy"
    duration = 240
    language = "fr"

    @factory.post_generation
    def captions(video, create, languages, **kwargs):
        for language in languages if languages is not None else ["fr"]:
            CaptionFactory(video=video, language=language)


def show(*names: str, **fields) -> PublishedDocument:
    """Create a published document that shows the files with these names in the storage."""
    if (department := Department.objects.first()) is not None:
        fields = {"department": department} | fields
    document = documents.DocumentFactory.create(**fields)
    PublicFile.objects.bulk_create(PublicFile(document=document, name=name) for name in names)
    return document

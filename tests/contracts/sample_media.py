"""Media, organisations and people that the sample pages refer to, with every field filled."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.base import ContentFile

from cms.media.models import Consent, CustomDocument, CustomImage, Video
from cms.pages.models import Organisation, Person
from sites.models import Department
from tests.factories.departments import make_department
from tests.factories.media import (
    WEBVTT,
    CaptionFactory,
    ConsentFactory,
    DocumentFactory,
    ImageFactory,
    VideoFactory,
    png,
)
from tests.factories.pages import OrganisationFactory, PersonFactory

# Part of the document's URL.
DOCUMENT_TOKEN = "DOCUMENT_TOKEN"


@dataclass(frozen=True)
class SampleMedia:
    """Objects that the fields of the sample pages refer to."""

    owner: Department
    co_holder: Department
    mirrors: Department
    picture: CustomImage
    portrait: CustomImage
    document: CustomDocument
    organisation: Organisation
    person: Person
    consent: Consent
    uploaded_video: Video
    hosted_video: Video


def make_sample_media() -> SampleMedia:
    """Create the objects in the collection of the department `allier`."""
    owner = make_department("allier", code="03")
    co_holder = make_department(
        "isere", code="38", contact_email="contact@isere.example", contact_phone="+33 4 76 00 00 00"
    )
    collection = owner.collection
    picture = ImageFactory.create(
        title="Village",
        description="Des visiteurs devant les stands",
        credit="Studio Exemple",
        collection=collection,
        file=ContentFile(png(2000, 1200), name="village.png"),
    )
    portrait = ImageFactory.create(
        title="Portrait",
        description="Une femme sourit",
        collection=collection,
        file=ContentFile(png(400, 400), name="portrait.png"),
    )
    organisation = OrganisationFactory.create(
        name="Département de l'Isère",
        short_name="CD38",
        kind=Organisation.Kind.DEPARTMENT,
        department=co_holder,
        website="https://isere.example/",
        description="Collectivité qui tient l'événement avec l'Allier.",
        logo=picture,
    )
    consent = ConsentFactory.create(collection=collection)
    uploaded_video = VideoFactory.create(
        title="Camille au travail",
        page_url="",
        file=ContentFile(b"not a film, but nothing here plays it", name="camille.mp4"),
        duration=95,
        poster=picture,
        consent=consent,
        collection=collection,
        captions=[],
    )
    hosted_video = VideoFactory.create(title="Camille, ailleurs", poster=picture, collection=collection, captions=[])
    for video, name, language in [
        (uploaded_video, "camille", "fr"),
        (uploaded_video, "camille", "en"),
        (hosted_video, "ailleurs", "fr"),
    ]:
        file = ContentFile(WEBVTT.encode(), name=f"{name}.{language}.vtt")
        CaptionFactory.create(video=video, language=language, file=file)
    return SampleMedia(
        owner=owner,
        co_holder=co_holder,
        mirrors=make_department("loire", code="42"),
        picture=picture,
        portrait=portrait,
        document=DocumentFactory.create(
            token=DOCUMENT_TOKEN,
            title="Programme",
            kind=CustomDocument.Kind.PROGRAMME,
            language="fr",
            collection=collection,
            file=ContentFile(b"%PDF-1.4\n%%EOF\n", name="programme.pdf"),
        ),
        organisation=organisation,
        person=PersonFactory.create(
            name="Dominique Exemple",
            role="Directrice de l'autonomie",
            organisation=organisation,
            email="autonomie@example.test",
            biography="Vingt ans de travail social.",
            photo=portrait,
        ),
        consent=consent,
        uploaded_video=uploaded_video,
        hosted_video=hosted_video,
    )

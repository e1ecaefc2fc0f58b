"""Puts the demo's images, documents, videos and consents into the collections of their departments."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.files import File
from django.db.models import Model
from wagtail.models import Collection

from cms.media.models import Consent, CustomDocument, CustomImage, Video, VideoCaption

from .content_files import ASSETS_FOLDER, DemoContent, is_reference

CONSENT_PROOF = "consentement.pdf"
# What a content file says of a medium beside its fields.
NON_FIELD_KEYS = frozenset({"key", "department", "file", "captions"})

Medium = TypeVar("Medium", bound=Model)


class DemoMedia:
    """Finds the media of the catalogue, and makes one when it is first asked for.

    Media are found again by their title (a consent by its person) in the department's collection. Every method
    raises KeyError for a key that no content file has.
    """

    def __init__(self, catalogue: DemoContent) -> None:
        self._catalogue = catalogue
        self._collections: dict[str, Collection] = {}

    def add_collection(self, department_slug: str, collection: Collection) -> None:
        """Say which collection takes the media of a department."""
        self._collections[department_slug] = collection

    def image(self, key: str) -> CustomImage:
        image = self._find_or_make(CustomImage, "image", key)
        # Kept on the image: the cache of renditions tells files apart by it.
        image.get_file_hash()
        return image

    def document(self, key: str) -> CustomDocument:
        return self._find_or_make(CustomDocument, "document", key)

    def consent(self, key: str) -> Consent:
        return self._find_or_make(Consent, "consent", key, title_field="person_name", file_field="proof")

    def video(self, key: str) -> Video:
        video = self._find_or_make(Video, "video", key)
        for language, file_name in self._catalogue.record("video", key)["captions"].items():
            if not video.captions.filter(language=language).exists():
                _save_with_file(VideoCaption(video=video, language=language), "file", file_name)
        return video

    def _find_or_make(
        self, model: type[Medium], kind: str, key: str, title_field: str = "title", file_field: str = "file"
    ) -> Medium:
        record = self._catalogue.record(kind, key)
        known_by = {title_field: record[title_field], "collection": self._collections[record["department"]]}
        medium = model._default_manager.filter(**known_by).first()
        if medium is None:
            values = {name: self._value(value) for name, value in record.items() if name not in NON_FIELD_KEYS}
            medium = model(**known_by | values)
            _save_with_file(medium, file_field, record.get("file", CONSENT_PROOF))
        return medium

    def _value(self, value: Any) -> Any:
        if not is_reference(value):
            return value
        kind, _colon, key = value[1:].partition(":")
        return self.consent(key) if kind == "consent" else self.image(key)


def _save_with_file(instance: Model, field: str, file_name: str) -> None:
    with (ASSETS_FOLDER / file_name).open("rb") as content:
        setattr(instance, field, File(content, name=file_name))
        instance.full_clean()
        instance.save()

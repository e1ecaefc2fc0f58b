"""Creates the images, documents, videos and consents of the demo in the collections of the departments."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.files import File
from django.db.models import Model
from wagtail.models import Collection

from cms.media.models import Consent, CustomDocument, CustomImage, Video, VideoCaption

from .asset_inspections import InspectedAssets, read_asset
from .content_files import DemoContent, is_reference

# Keys of a media record that are not fields of the model.
NON_FIELD_KEYS = frozenset({"key", "department", "file", "captions"})

Medium = TypeVar("Medium", bound=Model)


class DemoMedia:
    """The media of the demo, created on first use.

    Existing media are found by title (consents by person) in the collection of the department. Every method
    raises KeyError for a key that no content file defines.
    """

    def __init__(self, content: DemoContent, assets: InspectedAssets) -> None:
        self._content = content
        self._assets = assets
        self._collections: dict[str, Collection] = {}

    def add_collection(self, department_slug: str, collection: Collection) -> None:
        """Set the collection for the media of a department."""
        self._collections[department_slug] = collection

    def image(self, key: str) -> CustomImage:
        image = self._get_or_create(CustomImage, "image", key)
        # Stores the hash on the image. The rendition cache uses it as key.
        image.get_file_hash()
        return image

    def document(self, key: str) -> CustomDocument:
        return self._get_or_create(CustomDocument, "document", key)

    def consent(self, key: str) -> Consent:
        return self._get_or_create(Consent, "consent", key, title_field="person_name", file_field="proof")

    def video(self, key: str) -> Video:
        video = self._get_or_create(Video, "video", key)
        for language, file_name in self._content.record("video", key)["captions"].items():
            if not video.captions.filter(language=language).exists():
                _save_with_file(VideoCaption(video=video, language=language), "file", read_asset(file_name))
        return video

    def _get_or_create(
        self, model: type[Medium], kind: str, key: str, title_field: str = "title", file_field: str = "file"
    ) -> Medium:
        record = self._content.record(kind, key)
        identity = {title_field: record[title_field], "collection": self._collections[record["department"]]}
        medium = model._default_manager.filter(**identity).first()
        if medium is None:
            values = {name: self._resolve(value) for name, value in record.items() if name not in NON_FIELD_KEYS}
            medium = model(**identity | values)
            _save_with_file(medium, file_field, self._assets.file(kind, record))
        return medium

    def _resolve(self, value: Any) -> Any:
        if not is_reference(value):
            return value
        kind, _separator, key = value[1:].partition(":")
        return self.consent(key) if kind == "consent" else self.image(key)


def _save_with_file(instance: Model, field: str, file: File) -> None:
    setattr(instance, field, file)
    instance.full_clean()
    instance.save()

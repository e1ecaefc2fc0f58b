"""The presentation of an image in published documents and in the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models.fields.files import FieldFile

from .models import CustomImage
from .renditions.specs import DOCUMENT_SIZES, LARGE, THUMBNAIL


def image_data(image: CustomImage | None, url_of: Callable[[FieldFile], str], alt: str = "") -> dict[str, Any] | None:
    """Return an Image (docs/document.md), or None if there is no image, no rendition or no valid consent.

    `url_of` returns the URL of the file of a rendition. `alt` replaces the text alternative of the image.
    An image without its renditions is left out and reported; nothing is written.
    """
    if image is None or not image.may_be_shown:
        return None
    renditions = image.get_renditions(*DOCUMENT_SIZES)
    large, thumbnail = renditions[LARGE], renditions[THUMBNAIL]
    if large.is_placeholder or thumbnail.is_placeholder:
        return None
    return {
        "url": url_of(large.file),
        "width": large.width,
        "height": large.height,
        "alt": alt or image.description,
        "credit": image.credit,
        "thumbnail": {"url": url_of(thumbnail.file), "width": thumbnail.width, "height": thumbnail.height},
    }

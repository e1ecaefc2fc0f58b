"""Serializer of images."""

from __future__ import annotations

from typing import Any

from cms.media import image_presentation
from cms.media.models import CustomImage

from ..context import SerializerContext


def image_data(image: CustomImage | None, context: SerializerContext, alt: str = "") -> dict[str, Any] | None:
    """Return an Image (docs/document.md), or None."""
    if image is None:
        return None
    context.uses(image)
    if image.consent is not None:
        context.uses(image.consent)
    if context.is_private_collection(image.collection_id):
        return None
    return image_presentation.image_data(image, context.file_url, alt or context.media_text(image, image.description))

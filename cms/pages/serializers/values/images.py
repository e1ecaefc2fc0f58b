"""Serializer of images."""

from __future__ import annotations

from typing import Any

from cms.media import image_presentation
from cms.media.models import CustomImage

from ..context import SerializerContext


def image_data(image: CustomImage | None, context: SerializerContext, alt: str = "") -> dict[str, Any] | None:
    """Return an Image (docs/document.md), or None. Schedule a refresh for the start and the end of its consent."""
    if image is None or context.is_private_collection(image.collection_id):
        return None
    if image.consent is not None:
        context.schedule_refresh(image.consent.starts_at)
        context.schedule_refresh(image.consent.ends_at)
    return image_presentation.image_data(image, context.file_url, alt)

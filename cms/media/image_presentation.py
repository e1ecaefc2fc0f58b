"""The presentation of an image in published documents and in the API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from wagtail.images.models import SourceImageIOError

from .models import CustomImage

logger = logging.getLogger(__name__)

LARGE = "max-1600x1600"
THUMBNAIL = "max-480x480"


def image_data(image: CustomImage | None, absolute: Callable[[str], str], alt: str = "") -> dict[str, Any] | None:
    """Return an Image (docs/document.md), or None if there is no image, no file or no valid consent.

    `absolute` makes a URL of the department's site absolute. `alt` replaces the text alternative of the image.
    Missing renditions are created and stored.
    """
    if image is None or not image.may_be_shown:
        return None
    try:
        renditions = image.get_renditions(LARGE, THUMBNAIL)
    except SourceImageIOError:
        # A lost file must not make the rest of a document or a list fail.
        logger.exception("The file of image %s cannot be read.", image.pk)
        return None
    large, thumbnail = renditions[LARGE], renditions[THUMBNAIL]
    return {
        "url": absolute(large.url),
        "width": large.width,
        "height": large.height,
        "alt": alt or image.description,
        "credit": image.credit,
        "thumbnail": {"url": absolute(thumbnail.url), "width": thumbnail.width, "height": thumbnail.height},
    }

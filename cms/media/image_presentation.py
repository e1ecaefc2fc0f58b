"""The presentation of an image in published documents and in the API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db.models.fields.files import FieldFile
from wagtail.images.models import SourceImageIOError

from .models import CustomImage

logger = logging.getLogger(__name__)

LARGE = "max-1600x1600"
THUMBNAIL = "max-480x480"
# The renditions of the logo of a department: the banner of its site, and the API.
BANNER = "max-320x120"
LOGO_SIZES = (BANNER, LARGE, THUMBNAIL)


def image_data(image: CustomImage | None, url_of: Callable[[FieldFile], str], alt: str = "") -> dict[str, Any] | None:
    """Return an Image (docs/document.md), or None if there is no image, no file or no valid consent.

    `url_of` returns the URL of the file of a rendition. `alt` replaces the text alternative of the image.
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
        "url": url_of(large.file),
        "width": large.width,
        "height": large.height,
        "alt": alt or image.description,
        "credit": image.credit,
        "thumbnail": {"url": url_of(thumbnail.file), "width": thumbnail.width, "height": thumbnail.height},
    }

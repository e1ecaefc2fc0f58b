"""An image as published documents and the API show it."""

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
    """Return an Image (docs/document.md), or None without an image, its file or the consent that it needs.

    `absolute` makes an absolute address of one on the department's site; `alt` takes the place of the image's own
    text alternative. Sizes that do not exist yet are made and stored.
    """
    if image is None or not image.may_be_shown:
        return None
    try:
        renditions = image.get_renditions(LARGE, THUMBNAIL)
    except SourceImageIOError:
        # A lost file must not take the rest of a document, or of a list, with it.
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

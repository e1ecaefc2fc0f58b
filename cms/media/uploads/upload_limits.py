"""Limits of uploaded files: bytes and pixels."""

from __future__ import annotations

import warnings
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.template.defaultfilters import filesizeformat
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _
from PIL import Image

from cms.media.inspection.inspector import FileRefused
from cms.media.inspection.limits.picture_parts import refuse_many_parts
from cms.media.inspection.picture_metadata import picture_kind
from cms.media.inspection.refusal import TOO_COMPLEX, Refused
from cms.media.overrides.field_files import has_unsaved_content

HEAD_BYTES = 16
FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
# Formats of Pillow by the suffixes of pictures.
PICTURE_FORMATS = {".jpg": ["JPEG"], ".jpeg": ["JPEG"], ".png": ["PNG"]}


@deconstructible
class MaximumSize:
    """Validator of a file field: raises ValidationError for more bytes than a setting. A stored file is valid."""

    def __init__(self, setting: str) -> None:
        self.setting = setting

    def __call__(self, file: File) -> None:
        if isinstance(file, FieldFile) and not has_unsaved_content(file):
            return
        limit = getattr(settings, self.setting)
        if file.size > limit:
            raise ValidationError(
                _("This file is too large (%(size)s). The largest size is %(limit)s."),
                code="file_too_large",
                params={"size": filesizeformat(file.size), "limit": filesizeformat(limit)},
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MaximumSize) and self.setting == other.setting

    def __hash__(self) -> int:
        return hash(self.setting)


def validate_pixels(file: Any) -> None:
    """Raise ValidationError for an image (of Django's form field) with more pixels than WAGTAILIMAGES_MAX_IMAGE_PIXELS.

    The size is read from the header of the file. Nothing is decoded.
    """
    _refuse_pixels(file.image.width, file.image.height)


def refuse_costly_picture(file: File, messages: dict[str, Any]) -> None:
    """Raise ValidationError for a picture that is costly to open, or of a format that the product does not take.

    `messages` are those of Django's field, which opens a file with any decoder of Pillow: a TIFF image of 1 MB may take
    gigabytes. Wagtail's field also decodes the whole file before it counts the pixels.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not picture_kind(head) and head[4:8] != b"ftyp":
        raise ValidationError(messages["invalid_image"], code="invalid_image")
    _refuse_many_parts(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels() from None
    except (OSError, ValueError, SyntaxError):
        return
    finally:
        file.seek(0)
    _refuse_pixels(picture.width, picture.height)


def validate_picture(file: File) -> None:
    """Raise ValidationError for a new picture with too many pixels, or with the suffix of a picture and other content.

    Files with other suffixes, and stored ones, are valid. Nothing but the header is decoded.
    """
    is_new = not isinstance(file, FieldFile) or has_unsaved_content(file)
    if not is_new or not is_picture(file.name):
        return
    _refuse_many_parts(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(file, formats=PICTURE_FORMATS[_suffix(file.name)])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels() from None
    except (OSError, ValueError, SyntaxError):
        raise ValidationError(_("This file is not a picture."), code="not_a_picture") from None
    finally:
        file.seek(0)
    _refuse_pixels(picture.width, picture.height)


def _refuse_many_parts(file: Any) -> None:
    try:
        refuse_many_parts(file)
    except Refused:
        raise FileRefused(TOO_COMPLEX, "") from None


def is_picture(name: str | None) -> bool:
    """Return True for the name of a file that `validate_picture` reads."""
    return _suffix(name) in PICTURE_FORMATS


def _suffix(name: str | None) -> str:
    return PurePosixPath(name or "").suffix.lower()


def _refuse_pixels(width: int, height: int) -> None:
    if width * height > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        _("This image is too large. It may have %(limit)s pixels."),
        code="file_too_many_pixels",
        params={"limit": settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS},
    )

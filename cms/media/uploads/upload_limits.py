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

from cms.media.overrides.field_files import has_unsaved_content

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


def refuse_too_many_pixels(file: File) -> None:
    """Raise ValidationError for a picture with too many pixels. A file that is no picture passes.

    Wagtail's field decodes the whole file before it counts, for which a small file may need gigabytes.
    """
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(file)
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
    file.seek(0)
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

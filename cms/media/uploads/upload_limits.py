"""Limits of uploaded files: bytes, and pictures that can be shown."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.template.defaultfilters import filesizeformat
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from cms.media.inspection.inspector import inspect_file
from cms.media.overrides.field_files import has_unsaved_content

PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png"))


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


def validate_picture(file: File) -> None:
    """Raise ValidationError for a new picture that cannot be shown, or with the suffix of a picture and other content.

    Files with other suffixes, and stored ones, are valid. The child process opens the picture, never this one.
    """
    if isinstance(file, FieldFile):
        if has_unsaved_content(file) and is_picture(file.name):
            inspect_file(file.file, "proof", file.name or "")
    elif is_picture(file.name):
        inspect_file(file, "proof", file.name or "")


def is_picture(name: str | None) -> bool:
    """Return True for the name of a file that `validate_picture` reads."""
    return PurePosixPath(name or "").suffix.lower() in PICTURE_SUFFIXES

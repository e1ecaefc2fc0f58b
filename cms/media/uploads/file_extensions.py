"""Validation of the extension of an uploaded file's name."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _


@deconstructible
class KnownExtension(FileExtensionValidator):
    """Django's validator of extensions, with a message of its own for a name without one."""

    def __call__(self, value: Any) -> None:
        refuse_missing_extension(value, self.allowed_extensions or ())
        super().__call__(value)


def refuse_missing_extension(file: Any, allowed: Any) -> None:
    """Raise ValidationError, with the allowed extensions, for a file whose name has no extension."""
    name = PurePath(file.name or "").name
    if not PurePath(name).suffix:
        extensions = ", ".join(f".{each}" for each in allowed)
        message = _("The name of the file “%(name)s” has no extension. Add the right one: %(extensions)s.")
        raise ValidationError(message, code="missing_extension", params={"name": name, "extensions": extensions})

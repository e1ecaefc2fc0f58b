"""Limits of uploads: bytes and pixels of each file, and bytes of a request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.base import File
from django.core.files.uploadhandler import FileUploadHandler
from django.db.models.fields.files import FieldFile
from django.template.defaultfilters import filesizeformat
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from cms.media.overrides.field_files import has_unsaved_content


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
    limit = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
    if file.image.width * file.image.height > limit:
        raise ValidationError(
            _("This image is too large. It may have %(limit)s pixels."),
            code="file_too_many_pixels",
            params={"limit": limit},
        )


class RequestSizeHandler(FileUploadHandler):
    """The first upload handler: refuses a request that is longer than any form, before its body is read.

    Only members upload files. A request of anybody else may be as long as one without a file
    (DATA_UPLOAD_MAX_MEMORY_SIZE). Raises RequestDataTooBig, to which Django responds 400.
    """

    def handle_raw_input(
        self, input_data: Any, META: dict[str, str], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        user = getattr(self.request, "user", None)
        is_member = user is not None and user.is_authenticated
        limit = settings.UPLOAD_MAX_REQUEST_BYTES if is_member else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if content_length > limit:
            raise RequestDataTooBig(f"The body of the request has more than {limit} bytes.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""

"""Copies of media for another department. Private media and media with a consent are not copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import Model
from django.db.models.fields.files import FieldFile

from cms.media.models import CustomDocument, CustomImage, Video, VideoCaption
from cms.pages.models.copy_origin import CopiedMedium
from sites.models import Department

COPIED_FIELDS = {
    CustomImage: ("title", "description", "credit", "focal_point_x", "focal_point_y", "focal_point_width",
                  "focal_point_height"),
    CustomDocument: ("title", "kind", "language"),
    Video: ("title", "page_url", "language", "duration", "credit"),
}  # fmt: skip


def is_copyable(medium: Model) -> bool:
    """Return True if another department may copy the medium. A consent applies to one department only."""
    collection: Any = getattr(medium, "collection", None)
    has_consent = getattr(medium, "consent_id", None) is not None
    return type(medium) in COPIED_FIELDS and not has_consent and not collection.get_view_restrictions().exists()


def get_or_create_copy(medium: Any, department: Department) -> Model:
    """Return the department's copy of an image, a document or a video; create it if there is none."""
    model = type(medium)
    content_type = ContentType.objects.get_for_model(model)
    copied = CopiedMedium.objects.filter(content_type=content_type, department=department, origin_id=medium.pk).first()
    if copied and (copy := model._default_manager.filter(pk=copied.copy_id).first()):
        return copy
    values: dict[str, Any] = {name: getattr(medium, name) for name in COPIED_FIELDS[model]}
    if isinstance(medium, Video) and medium.poster and is_copyable(medium.poster):
        values["poster"] = get_or_create_copy(medium.poster, department)
    with _copied_file(medium.file) as file:
        copy = model(collection=department.collection, file=file, **values)
        copy.full_clean(exclude=["file"])
        copy.save()
    copy.refresh_from_db()  # The instance held the temporary file.
    if isinstance(copy, Video):
        for caption in medium.captions.all():
            with _copied_file(caption.file) as file:
                VideoCaption.objects.create(video=copy, language=caption.language, file=file)
    CopiedMedium.objects.update_or_create(
        content_type=content_type, department=department, origin_id=medium.pk, defaults={"copy_id": copy.pk}
    )
    return copy


@contextmanager
def _copied_file(stored: FieldFile) -> Iterator[File | str]:
    """Yield a temporary copy of a stored file under its base name, or "" if there is no file.

    A video may be larger than the memory, so it is copied in parts.
    """
    if not stored:
        yield ""
        return
    name = PurePath(stored.name or "file").name
    with (
        stored.storage.open(stored.name or "") as opened,
        TemporaryUploadedFile(name, "application/octet-stream", opened.size, None) as copy,
    ):
        for chunk in opened.chunks():
            copy.write(chunk)
        copy.seek(0)
        yield copy

"""Copies of media for another department. Private media and media with a consent are not copied."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
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
    copy = model(
        collection=department.collection,
        file=_file_content(medium.file),
        **{name: getattr(medium, name) for name in COPIED_FIELDS[model]},
    )
    if isinstance(copy, Video) and medium.poster and is_copyable(medium.poster):
        copy.poster = get_or_create_copy(medium.poster, department)
    copy.full_clean(exclude=["file"])
    copy.save()
    if isinstance(copy, Video):
        for caption in medium.captions.all():
            VideoCaption.objects.create(video=copy, language=caption.language, file=_file_content(caption.file))
    CopiedMedium.objects.update_or_create(
        content_type=content_type, department=department, origin_id=medium.pk, defaults={"copy_id": copy.pk}
    )
    return copy


def _file_content(stored: FieldFile) -> ContentFile | str:
    """Return the content of a stored file under its base name, or "" if there is no file."""
    if not stored:
        return ""
    with stored.open("rb") as opened:
        return ContentFile(opened.read(), name=PurePath(stored.name or "file").name)

"""New content of the renditions of an image, under the URLs that published documents have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet
from wagtail.images import get_image_model

from cms.media.inspection.inspector import FileRefused, inspect_stored_file
from cms.storage import replace_file

from .file_checks import MISSING, file_repaired, record
from .making import focal_point, focal_point_key, make_missing_renditions
from .specs import declared_specs


def remake_all_renditions(chunk_size: int) -> Iterator[tuple[Any, int | None]]:
    """Make the renditions of all images again; yield (image, number of changed renditions).

    The number is None if the image cannot be read, which is recorded. `chunk_size` images are read with one query.
    """
    for image in get_image_model()._default_manager.order_by("pk").iterator(chunk_size):
        try:
            yield image, remake_renditions(image)
        except (FileRefused, OSError) as error:
            record(image, getattr(error, "reason", MISSING))
            yield image, None


def delete_unused_renditions(chunk_size: int) -> int:
    """Delete the renditions of all images that nothing shows; return their number."""
    images = get_image_model()._default_manager.order_by("pk").iterator(chunk_size)
    return sum(unused_renditions(image).delete()[0] for image in images)


def remake_renditions(image: Any) -> int:
    """Make the renditions of an image again; return the number of those that are new or have other content.

    A rendition keeps its row and its URL, unless the format has changed. All are made before one is replaced, so
    an image that cannot be read keeps those that it has. Raises FileRefused and OSError.
    """
    specs = declared_specs()
    inspection = inspect_stored_file(
        image.file.storage, image.file.name, "image", specs=specs, focal_point=focal_point(image)
    )
    with transaction.atomic():
        unused_renditions(image).delete()
        changed = 0
        for rendition in image.renditions.all():
            changed += _replace(rendition, inspection.renditions[rendition.filter_spec])
        changed += make_missing_renditions(image, inspection.renditions)
        if changed:
            file_repaired.send(type(image), instance=image)  # Documents show the width and the height.
    return changed


def unused_renditions(image: Any) -> QuerySet[Any]:
    """Return the stored renditions that nothing shows: of sizes that are not declared, or of an old focal point."""
    declared = Q()
    for spec in declared_specs():
        declared |= Q(filter_spec=spec, focal_point_key=focal_point_key(image, spec))
    unused: QuerySet[Any] = image.renditions.exclude(declared)
    return unused


def _replace(rendition: Any, content: ContentFile) -> bool:
    """Store new content of a rendition; return True if it differs. One of another format is deleted."""
    file = rendition.file
    storage, name = file.storage, file.name
    if PurePosixPath(name).suffix != PurePosixPath(content.name or "").suffix:
        rendition.delete()
        return False  # It is made as a missing one.
    content.seek(0)
    data = content.read()
    content.seek(0)
    if storage.exists(name):
        with storage.open(name) as stored:
            if stored.read() == data:
                return False
    replace_file(storage, name, ContentFile(data))
    rendition.file = name  # Django measures the width and the height.
    rendition.save()
    rendition.purge_from_cache()
    return True

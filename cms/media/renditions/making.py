"""Making of the renditions that an image lacks, in a child process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from wagtail.images.models import Filter

from cms.media.inspection.inspector import inspect_stored_file, renamed_rendition
from cms.media.overrides.prefetched_renditions import clear_prefetched_renditions

from .specs import declared_specs

LONGEST_NAME = 59  # as in Wagtail's names of renditions


def missing_specs(image: Any) -> list[str]:
    """Return the declared specs of which an image has no rendition, for its present focal point. One query."""
    existing = set(image.renditions.exclude(file="").order_by().values_list("filter_spec", "focal_point_key"))
    return [spec for spec in declared_specs() if (spec, focal_point_key(image, spec)) not in existing]


def make_missing_renditions(image: Any, prepared: Mapping[str, ContentFile] | None = None) -> int:
    """Make the renditions that an image lacks, and store them; return their number.

    `prepared` is that of `missing_renditions`. Raises FileRefused and OSError.
    """
    renditions = missing_renditions(image, prepared)
    store_renditions(image, renditions)
    return len(renditions)


def missing_renditions(image: Any, prepared: Mapping[str, ContentFile] | None = None) -> list[Any]:
    """Return the renditions that an image lacks, unsaved. Nothing is written.

    `prepared` has the content of renditions that were made while the file was inspected. The others are made from the
    stored file, which takes seconds: better outside a transaction. Raises FileRefused and OSError.
    """
    missing = missing_specs(image)
    if not missing:
        return []
    content = {spec: file for spec, file in (prepared or {}).items() if spec in missing}
    if focal_point(image) is not None:  # The form sends the file and the focal point together.
        content = {spec: file for spec, file in content.items() if not _depends_on_focal_point(spec)}
    if unprepared := [spec for spec in missing if spec not in content]:
        inspection = inspect_stored_file(
            image.file.storage, image.file.name, "image", specs=unprepared, focal_point=focal_point(image)
        )
        content |= inspection.renditions
    model = image.get_rendition_model()
    return [
        model(
            image=image,
            filter_spec=spec,
            focal_point_key=focal_point_key(image, spec),
            file=renamed_rendition(file, _file_name(image, spec, file.name or "")),
        )
        for spec, file in content.items()
    ]


def store_renditions(image: Any, renditions: list[Any]) -> None:
    """Store new renditions of an image and their files. Raises OSError."""
    if renditions:
        image.renditions.filter(file="").delete()  # Rows that lost their file would be kept.
        # Another process may make the same renditions.
        image.get_rendition_model()._default_manager.bulk_create(renditions, ignore_conflicts=True)
        clear_prefetched_renditions(image)


def focal_point(image: Any) -> list[int] | None:
    """Return the centre and the size of the focal point of an image, or None."""
    point = (image.focal_point_x, image.focal_point_y, image.focal_point_width, image.focal_point_height)
    return None if None in point else [int(number) for number in point if number is not None]


def focal_point_key(image: Any, spec: str) -> str:
    """Return the key of the focal point in the row of a rendition; "" for a spec that does not depend on it."""
    key: str = Filter(spec=spec).get_cache_key(image)
    return key


def _depends_on_focal_point(spec: str) -> bool:
    return any(getattr(operation, "vary_fields", ()) for operation in Filter(spec=spec).operations)


def _file_name(image: Any, spec: str, name: str) -> str:
    """Return the name of the file of a rendition, which repeats the name of the image as Wagtail's names do."""
    key = focal_point_key(image, spec)
    ending = f"{f'{key}.' if key else ''}{re.sub('[|]', '.', spec)}{PurePosixPath(name).suffix}"
    return f"{PurePosixPath(image.file.name).stem[: LONGEST_NAME - len(ending)]}.{ending}"

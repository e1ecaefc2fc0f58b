"""Removal of metadata from files that were stored before uploads lost theirs."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction
from wagtail.utils.file import hash_filelike

from cms.media.inspection.inspector import FileRefused, inspect_stored_file

from .file_checks import KINDS, file_repaired, record
from .specs import declared_specs


def remove_all_stored_metadata() -> int:
    """Remove the metadata of all files; return the number of those that had any.

    A file that cannot be opened is recorded. A lost one is left to `check_all`.
    """
    changed = 0
    for label in KINDS:
        for instance in apps.get_model(label)._default_manager.exclude(file="").order_by("pk").iterator(500):
            try:
                changed += remove_stored_metadata(instance)
            except FileRefused as error:
                record(instance, error.reason)
            except OSError:
                pass
    return changed


def remove_stored_metadata(instance: Any) -> bool:
    """Remove the metadata of the file of an image, a document or a video; return True if it had any.

    The files of an image and of its renditions keep their names and URLs. Raises FileRefused and OSError.
    """
    storage, name = instance.file.storage, instance.file.name
    kind = KINDS[instance._meta.label]
    inspection = inspect_stored_file(storage, name, kind, replace=True)
    is_changed = inspection.is_changed
    if kind == "image":
        for rendition in instance.renditions.filter(filter_spec__in=declared_specs()):
            file = rendition.file
            if file.storage.exists(file.name):
                is_changed |= inspect_stored_file(file.storage, file.name, "image", replace=True).is_changed
    if inspection.is_changed:
        values: dict[str, Any] = {"file_size": storage.size(name)}
        if hasattr(instance, "file_hash"):
            with storage.open(name) as stored:
                values["file_hash"] = hash_filelike(stored)
        with transaction.atomic():
            type(instance)._default_manager.filter(pk=instance.pk).update(**values)
            file_repaired.send(type(instance), instance=instance)  # Documents show the size and the hash.
    return is_changed

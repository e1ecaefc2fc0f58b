"""The declaration of every model field whose files are stored: in which folder, and how their bytes are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import FileField, Model, QuerySet

from sites.models import Department


@dataclass(frozen=True)
class StoredFile:
    """A file field of a model.

    `folder` is the folder of the storage in which the field stores its files, without slashes around it. `size` is the
    lookup from a row to the bytes of its file, `collection` or `department` the lookup to its owner.
    Without `size` the file counts in no quota, and `uncounted` says why. `form_limit` is the setting with the most
    bytes that a form takes; "" if no form takes a file for the field.
    """

    model: str
    field: str
    folder: str
    size: str = ""
    collection: str = ""
    department: str = ""
    uncounted: str = ""
    form_limit: str = ""
    # Wagtail deletes the file of a deleted row itself.
    is_deleted_by_wagtail: bool = False

    @property
    def model_class(self) -> type[Model]:
        return apps.get_model(self.model)

    def rows_of(self, department: Department) -> QuerySet[Any]:
        """Return the rows whose files count for the department. Only for a field with `size`."""
        if self.department:
            rows: QuerySet[Any] = self.model_class._default_manager.filter(**{self.department: department.pk})
            return rows
        return self.rows_below(department.collection.path)

    def rows_below(self, path: str) -> QuerySet[Any]:
        """Return the rows in the collection with this tree path and in those below. Only for a field of collections."""
        rows: QuerySet[Any] = self.model_class._default_manager.filter(**{f"{self.collection}__path__startswith": path})
        return rows


STORED_FILES = (
    StoredFile(
        "cms_media.CustomImage",
        "file",
        "original_images",
        size="file_size",
        collection="collection",
        form_limit="WAGTAILIMAGES_MAX_UPLOAD_SIZE",
        is_deleted_by_wagtail=True,
    ),
    StoredFile(
        "cms_media.CustomRendition", "file", "images", uncounted="made from an image", is_deleted_by_wagtail=True
    ),
    StoredFile(
        "cms_media.CustomDocument",
        "file",
        "documents",
        size="file_size",
        collection="collection",
        form_limit="WAGTAILDOCS_MAX_UPLOAD_SIZE",
        is_deleted_by_wagtail=True,
    ),
    StoredFile(
        "cms_media.Video", "file", "videos", size="file_size", collection="collection", form_limit="VIDEO_MAX_BYTES"
    ),
    StoredFile(
        "cms_media.VideoCaption",
        "file",
        "captions",
        size="file_size",
        collection="video__collection",
        form_limit="CAPTIONS_MAX_BYTES",
    ),
    StoredFile(
        "cms_media.Consent",
        "proof",
        "consents",
        size="file_size",
        collection="collection",
        form_limit="PROOF_MAX_BYTES",
    ),
    StoredFile(
        "wagtailcore.UploadedFile",
        "file",
        "wagtail_uploads",
        size="pending__file_size",
        department="pending__department",
    ),
    StoredFile(
        "wagtailusers.UserProfile",
        "avatar",
        "avatar_images",
        uncounted="one small picture of an account, which can be in several departments",
        form_limit="AVATAR_MAX_BYTES",
    ),
    *(
        StoredFile(label, "file", folder, uncounted="the product has a model of its own, and these tables stay empty")
        for label, folder in (
            ("wagtailimages.Image", "original_images"),
            ("wagtailimages.Rendition", "images"),
            ("wagtaildocs.Document", "documents"),
        )
    ),
)

COUNTED_FILES = tuple(stored for stored in STORED_FILES if stored.size)


def stored_file_of(model: type[Model]) -> StoredFile:
    """Return the declaration of the file field of a model. Raises KeyError if it has none."""
    return {stored.model: stored for stored in STORED_FILES}[model._meta.label]


def undeclared_fields(models: Iterable[type[Model]]) -> Iterator[FileField]:
    """Yield the file fields that STORED_FILES does not name."""
    declared = {(stored.model, stored.field) for stored in STORED_FILES}
    for model in models:
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField) and (model._meta.label, field.name) not in declared:
                yield field


@register("files")
def check_stored_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each file field without a declaration, and for each declaration that lacks its lookups."""
    undeclared = [
        Error(f"The files of {field} are not declared.", hint="Add them to STORED_FILES.", id="cms_media.E001")
        for field in undeclared_fields(apps.get_models())
    ]
    incomplete = [
        Error(f"The files of {stored.model} neither count in a quota nor say why not.", id="cms_media.E002")
        for stored in STORED_FILES
        if bool(stored.size) == bool(stored.uncounted)
        or bool(stored.size) != bool(stored.collection or stored.department)
    ]
    return [*undeclared, *incomplete]

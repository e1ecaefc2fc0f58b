"""The quota of a department: how many bytes its files may have together (`stored_files` says which count).

The check and the write are one step: `within_quota` locks the department until the transaction ends, so that of two
uploads at the same moment the second one counts the first. With SQLite the transaction itself is the lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import BigIntegerField, QuerySet, Subquery, Sum, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from wagtail.models import CollectionMember

from cms.media.overrides.field_files import has_unsaved_content
from sites.access.ownership import department_of_collection
from sites.models import Department
from sites.people.request_context import current_request

from .free_space import space_refusal
from .stored_files import COUNTED_FILES, StoredFile, stored_file_of

# Argument of the URLs under which Wagtail completes a pending upload.
UPLOAD_ARGUMENT = "uploaded_file_id"

_is_counted_before: ContextVar[bool] = ContextVar("is_counted_before", default=False)


class UploadRefused(ValidationError):
    """Raised for a file that may not be stored: quota, free space, or number of pending uploads."""


@dataclass(frozen=True)
class StorageUse:
    """The bytes that the files of a department have, those of pending uploads among them, and its quota."""

    used: int
    pending: int
    quota: int

    @property
    def percentage(self) -> int:
        return round(100 * self.used / self.quota)

    @property
    def is_nearly_full(self) -> bool:
        return self.used >= 0.8 * self.quota


def used_bytes(department: Department) -> int:
    """Return the size of all files of a department that count for its quota. One query."""
    return _sums(department, {"used": COUNTED_FILES})["used"]


def storage_use(department: Department) -> StorageUse | None:
    """Return what the files of a department take of its quota; None if the instance has no quotas. One query."""
    if not (quota := settings.DEPARTMENT_QUOTA_BYTES):
        return None
    pending = [stored for stored in COUNTED_FILES if stored.department]
    return StorageUse(**_sums(department, {"used": COUNTED_FILES, "pending": pending}), quota=quota)


def _sums(department: Department, parts: dict[str, Sequence[StoredFile]]) -> dict[str, int]:
    totals: dict[str, Any] = {}
    for name, counted in parts.items():
        totals[f"{name}_bytes"] = Value(0, output_field=BigIntegerField())
        for stored in counted:
            totals[f"{name}_bytes"] += Coalesce(
                Subquery(_sum_of_sizes(stored.rows_of(department), stored.size)), 0, output_field=BigIntegerField()
            )
    row = Department.objects.filter(pk=department.pk).annotate(**totals).values(*totals).get()
    return {name: int(row[f"{name}_bytes"]) for name in parts}


def _sum_of_sizes(rows: QuerySet, size: str) -> QuerySet:
    """Return a queryset for `Subquery` with one row: the sum of the sizes."""
    return rows.order_by().annotate(_group=Value(1)).values("_group").annotate(_sum=Sum(size)).values("_sum")


@contextmanager
def within_quota(row: Any) -> Iterator[None]:
    """Run the block, which saves the row, in one transaction with the check of its file; lock the department.

    Raises UploadRefused. A row whose file is stored already, and counts for the department, is saved without a check.
    """
    file = _file_of(row)
    is_stored_now = has_unsaved_content(file) or (row._state.adding and bool(file))
    if _is_counted_before.get() or not (is_stored_now or _is_moved(row)):
        yield
        return
    with transaction.atomic():
        refuse_beyond_quota(row)
        yield


@contextmanager
def counted_before() -> Iterator[None]:
    """Save rows within the block without counting each file: the caller has checked all of them together."""
    token = _is_counted_before.set(True)
    try:
        yield
    finally:
        _is_counted_before.reset(token)


def refuse_beyond_quota(*rows: Any, removed: Sequence[Any] = ()) -> None:
    """Raise UploadRefused if the files of these rows, of one department, would exceed its quota or the free space.

    A stored row is counted with the new size of its file instead of the stored one, and `removed` rows go. A row that
    comes from another department is counted with the files of its parts. The error belongs to the file field of the
    first row, or to the collection if no file is new. In a transaction the department stays locked until its end. Files
    in collections of the instance have no quota.
    """
    added = sum(map(_new_bytes, rows))
    new = [_file_of(row) for row in rows if has_unsaved_content(_file_of(row))]
    moved = [row for row in rows if _is_moved(row)]
    if not new and not moved and all(not row._state.adding for row in rows):
        return
    added += sum(_bytes_of_parts(row, but=(*rows, *removed)) for row in moved)
    field = "collection" if moved and not new else stored_file_of(type(rows[0])).field
    if new and (refusal := space_refusal(new[0].storage, sum(file.size for file in new))):
        raise UploadRefused({field: refusal})
    if department := department_of_row(rows[0]):
        replaced = sum(_stored_bytes(row, department) for row in (*rows, *removed)) + _bytes_of_completed_upload()
        if refusal := quota_refusal(department, added, replaced):
            raise UploadRefused({field: refusal})


def refuse_moved_objects(objects: Sequence[Any], collection: Any) -> None:
    """Raise UploadRefused if stored objects cannot move to a collection, because the quota of its department is full.

    In a transaction that department stays locked until its end.
    """
    department = department_of_collection(collection)
    prefetch_related_objects(objects, "collection")
    moved = [each for each in objects if department_of_row(each) != department]
    added = sum((each.file_size or 0) + _bytes_of_parts(each) for each in moved)
    if department and (refusal := quota_refusal(department, added)):
        raise UploadRefused(refusal)


def refuse_moved_collection(sender: Any, collection: Any, parent: Any, **kwargs: Any) -> None:
    """Raise UploadRefused if a collection, with those below, cannot move below another one: as above."""
    department = department_of_collection(parent)
    if department is None or department == department_of_collection(collection):
        return
    counted = [stored for stored in COUNTED_FILES if stored.collection]
    sizes = (stored.rows_below(collection.path).aggregate(_sum=Sum(stored.size))["_sum"] for stored in counted)
    if refusal := quota_refusal(department, sum(size or 0 for size in sizes)):
        raise UploadRefused(refusal)


def quota_refusal(department: Department, added: int, replaced: int = 0) -> str:
    """Return why the additional bytes exceed the quota of the department, with the numbers, or "".

    `replaced` bytes of stored files go at the same time. Locks the department if a transaction is open. A change that
    adds nothing is never refused.
    """
    quota = settings.DEPARTMENT_QUOTA_BYTES
    if not quota or added <= replaced:
        return ""
    if connection.in_atomic_block:
        # `no_key`: rows that refer to the department can be written meanwhile.
        list(Department.objects.select_for_update(no_key=True).filter(pk=department.pk).values_list("pk"))
    used = used_bytes(department)
    if used - replaced + added <= quota:
        return ""
    message = _(
        "The files of the department may have %(quota)s together. They have %(used)s, and %(added)s would be added."
    )
    return message % {
        "quota": filesizeformat(quota),
        "used": filesizeformat(used),
        "added": filesizeformat(added - replaced),
    }


def department_of_row(row: Any) -> Department | None:
    """Return the department whose quota counts the file of a saved or unsaved row; None for one of the instance."""
    owner = row
    for name in stored_file_of(type(row)).collection.split("__"):
        owner = getattr(owner, name, None)
    return department_of_collection(owner) if owner is not None else None


def _file_of(row: Any) -> Any:
    return getattr(row, stored_file_of(type(row)).field)


def _new_bytes(row: Any) -> int:
    file = _file_of(row)
    if has_unsaved_content(file):
        return int(file.size)
    return (row.file_size or 0) if file else 0


def _stored_bytes(row: Any, department: Department) -> int:
    """Return the bytes that the stored row counts for the department."""
    if row._state.adding:
        return 0
    stored = stored_file_of(type(row))
    return stored.rows_of(department).filter(pk=row.pk).values_list(stored.size, flat=True).first() or 0


def _is_moved(row: Any) -> bool:
    """Return True if the row is stored in a collection that another department owns, or none. One query."""
    if row._state.adding or not settings.DEPARTMENT_QUOTA_BYTES or not isinstance(row, CollectionMember):
        return False
    stored = type(row)._base_manager.filter(pk=row.pk).select_related("collection").first()
    if stored is None or stored.collection_id == row.collection_id:
        return False
    return department_of_row(stored) != department_of_row(row)


def _bytes_of_parts(row: Any, but: Sequence[Any] = ()) -> int:
    """Return the bytes of the stored files that belong to the collection of a row, such as captions of a video."""
    total = 0
    for stored in COUNTED_FILES:
        name, separator, _collection = stored.collection.partition("__")
        if separator and stored.model_class._meta.get_field(name).related_model is type(row):
            others = [each.pk for each in but if isinstance(each, stored.model_class)]
            parts = stored.model_class._default_manager.filter(**{name: row.pk}).exclude(pk__in=others)
            total += parts.aggregate(_sum=Sum(stored.size))["_sum"] or 0
    return total


def _bytes_of_completed_upload() -> int:
    """Return the bytes of the pending upload that the request turns into a row: they are counted until it ends."""
    request = current_request()
    match = request.resolver_match if request else None
    if request is None or match is None or UPLOAD_ARGUMENT not in match.kwargs:
        return 0
    uploads = apps.get_model("cms_media.PendingUpload")._default_manager.filter(
        upload=match.kwargs[UPLOAD_ARGUMENT], upload__uploaded_by_user=request.user.pk
    )
    return uploads.values_list("file_size", flat=True).first() or 0

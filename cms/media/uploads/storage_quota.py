"""The quota of a department: how many bytes its files may have together. Renditions do not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, QuerySet, Subquery, Sum, Value
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Coalesce
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from wagtail.models import Collection

from cms.media.overrides.field_files import has_unsaved_content
from sites.access.ownership import department_of_collection
from sites.models import Department

# Models with a column `file_size`, and the lookup that leads to their collection.
COUNTED = {
    "cms_media.CustomImage": "collection",
    "cms_media.CustomDocument": "collection",
    "cms_media.Video": "collection",
    "cms_media.VideoCaption": "video__collection",
    "cms_media.Consent": "collection",
}


@dataclass(frozen=True)
class StorageUse:
    """The bytes that the files of a department have, and its quota."""

    used: int
    quota: int

    @property
    def percentage(self) -> int:
        return round(100 * self.used / self.quota)


def used_bytes(department: Department) -> int:
    """Return the size of all files in the collections of a department. One query."""
    total: Any = Value(0, output_field=BigIntegerField())
    for label, collection in COUNTED.items():
        rows = apps.get_model(label)._default_manager.filter(
            **{f"{collection}__path__startswith": department.collection.path}
        )
        total += Coalesce(Subquery(_sum_of_sizes(rows)), 0, output_field=BigIntegerField())
    used: int = Department.objects.filter(pk=department.pk).values_list(total, flat=True).get()
    return used


def _sum_of_sizes(rows: QuerySet) -> QuerySet:
    """Return a queryset for `Subquery` with one row: the sum of `file_size`."""
    return rows.order_by().annotate(_group=Value(1)).values("_group").annotate(_sum=Sum("file_size")).values("_sum")


def storage_use(department: Department) -> StorageUse | None:
    """Return what the files of a department take of its quota; None if the instance has no quotas."""
    quota = settings.DEPARTMENT_QUOTA_BYTES
    return StorageUse(used_bytes(department), quota) if quota else None


def refuse_beyond_quota(file: FieldFile, collection_id: int | None, replaced_bytes: int | None = None) -> None:
    """Raise ValidationError for the field of `file` if its new content would exceed the quota of the department.

    `replaced_bytes` is the size of the stored file that the new one replaces. Collections of the instance have no
    quota.
    """
    if not has_unsaved_content(file) or not settings.DEPARTMENT_QUOTA_BYTES:
        return
    collection = Collection.objects.filter(pk=collection_id).first()
    department = department_of_collection(collection) if collection else None
    use = storage_use(department) if department else None
    if use and use.used - (replaced_bytes or 0) + file.size > use.quota:
        message = _("The files of the department may have %(quota)s together; they have %(used)s.")
        raise ValidationError(
            {file.field.name: message % {"quota": filesizeformat(use.quota), "used": filesizeformat(use.used)}}
        )

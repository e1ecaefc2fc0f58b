"""The bytes that the files of an archive need, checked before anything is written."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, ArchiveReader
from cms.media.uploads.free_space import space_refusal
from cms.media.uploads.stored_files import COUNTED_FILES

COUNTED_TABLES = (tables.CONSENTS, tables.IMAGES, tables.DOCUMENTS, tables.VIDEOS, tables.CAPTIONS)


def refuse_too_many_bytes(reader: ArchiveReader, *, is_trusted: bool) -> None:
    """Raise ArchiveError, with the numbers, for files beyond the quota of a department or the free space.

    Files of the instance, which the department shares, count for the space only, if the archive is trusted: another
    one may call any file so, and nobody could delete it.
    """
    counted, quota = counted_bytes(reader, counts_shared=not is_trusted), settings.DEPARTMENT_QUOTA_BYTES
    if quota and counted > quota:
        message = _("The files of the archive have %(size)s. Those of a department may have %(quota)s together.")
        raise ArchiveError(message % {"size": filesizeformat(counted), "quota": filesizeformat(quota)})
    folders = (tables.MEDIA_FOLDER, tables.PRIVATE_FOLDER)
    everything = sum(reader.size_of(name) for name in reader.manifest["files"] if name.startswith(folders))
    if refusal := space_refusal(default_storage, everything):
        raise ArchiveError(refusal)


def counted_bytes(reader: ArchiveReader, *, counts_shared: bool = False) -> int:
    """Return the bytes of the files that will count for the restored department, or of all with `counts_shared`."""
    fields = {stored.model: stored.field for stored in COUNTED_FILES}
    total = 0
    for table in COUNTED_TABLES:
        assert table.model is not None  # noqa: S101 (for mypy: these tables have one)
        column = fields[table.model._meta.label]
        folder = tables.PRIVATE_FOLDER if table is tables.CONSENTS else tables.MEDIA_FOLDER
        for row in reader.read_rows(table.file):
            name = f"{folder}{row.get(column)}"
            is_counted = counts_shared or not row.get("shared")
            if is_counted and not row.get("is_lost") and reader.has_file(name):
                total += reader.size_of(name)
    return total

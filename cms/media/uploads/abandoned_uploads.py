"""Deletes the files of uploads whose form nobody completed; the table of Wagtail has no date, but the file has one."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from wagtail.models import UploadedFile

LIFETIME = timedelta(days=1)


def delete_abandoned_uploads() -> int:
    """Delete the uploads that wait for their details for more than a day, with their files; return their number."""
    oldest, deleted = timezone.now() - LIFETIME, 0
    for upload in UploadedFile.objects.iterator():
        storage, name = upload.file.storage, upload.file.name
        is_there = bool(name) and storage.exists(name)
        if is_there and storage.get_modified_time(name) >= oldest:
            continue
        upload.delete()
        if is_there:
            storage.delete(name)
        deleted += 1
    return deleted

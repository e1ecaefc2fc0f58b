"""The free space that uploads and imports leave on the disk of the instance."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _


def free_bytes(storage: Storage) -> int | None:
    """Return the free bytes of the disk of a storage; None for a storage that is not a folder of this machine."""
    try:
        folder = Path(storage.path(""))
    except NotImplementedError:
        return None
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def space_refusal(storage: Storage, size: int) -> str:
    """Return why `size` bytes cannot be stored, with the numbers, or "" if STORAGE_RESERVE_BYTES stay free."""
    free, reserve = free_bytes(storage), settings.STORAGE_RESERVE_BYTES
    if not reserve or free is None or free - size >= reserve:
        return ""
    message = _(
        "The disk of the instance is nearly full: %(free)s are free, %(size)s would be added, and %(reserve)s must "
        "stay free. Tell an administrator of the instance."
    )
    return message % {
        "free": filesizeformat(free),
        "size": filesizeformat(size),
        "reserve": filesizeformat(reserve),
    }

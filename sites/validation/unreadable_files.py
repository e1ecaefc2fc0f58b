"""Reasons why a file cannot be read or written, in our words: those of the operating system are in English."""

from __future__ import annotations

import errno

from django.utils.translation import gettext as _


def reason_of(error: OSError) -> str:
    """Return why the system does not read or write a file, as a part of a sentence."""
    match error:
        case FileNotFoundError():
            return _("there is no such file")
        case PermissionError():
            return _("this account of the system may not open it")
        case FileExistsError():
            return _("it is there already")
        case IsADirectoryError() | NotADirectoryError():
            return _("it is a folder, or a part of its path is a file")
    if error.errno == errno.ENOSPC:
        return _("the disk is full")
    return _("the system refuses it (%(code)s)") % {"code": errno.errorcode.get(error.errno or 0, "?")}

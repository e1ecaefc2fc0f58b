"""The reasons for which the child process refuses a file. The code of the child does not use Django."""

from __future__ import annotations

DAMAGED = "damaged"
OTHER_KIND = "other_kind"
ENCRYPTED = "encrypted"
MACROS = "macros"
TOO_LARGE_UNPACKED = "too_large_unpacked"
TOO_MANY_PIXELS = "too_many_pixels"
NO_PICTURE = "no_picture"
UNPLAYABLE = "unplayable"
TOO_COMPLEX = "too_complex"
BUSY = "busy"


class Refused(Exception):
    """Raised for a file that is not accepted, with one of the reasons of this module and a detail for its message."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

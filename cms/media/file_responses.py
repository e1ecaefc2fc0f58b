"""Sends a stored file: validators, parts of it (RFC 9110), safe types, and hand-over to the proxy in front."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import Storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe

# Seconds for which browsers and caches may keep a public file: that long a withdrawn one can still be seen in them.
MAX_AGE = 60

# Types that no browser runs as a script. Every other file is a download.
INERT_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".vtt": "text/vtt; charset=utf-8",
    ".webm": "video/webm",
    ".webp": "image/webp",
}
DOWNLOAD_TYPE = "application/octet-stream"

ONE_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """The part asked for lies past the end of the file."""


class FileRange:
    """The next bytes of an open file, as a file."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._file.close()


def file_response(
    request: HttpRequest,
    storage: Storage,
    name: str,
    *,
    is_public: bool,
    content_type: str = "",
    filename: str = "",
    as_attachment: bool = False,
) -> HttpResponseBase:
    """Return the answer to a GET or HEAD of a stored file: 200, 206, 304, 412 or 416; raises Http404 without it.

    `content_type` and `filename` are for downloads, whose type does no harm. The storage may be any of Django's.
    With the setting MEDIA_INTERNAL_LOCATION the bytes, and all that depends on them, are left to the proxy.
    """
    headers = _headers(name, is_public, content_type, filename, as_attachment)
    if settings.MEDIA_INTERNAL_LOCATION:
        return HttpResponse(headers=headers | {"X-Accel-Redirect": settings.MEDIA_INTERNAL_LOCATION + quote(name)})
    try:
        size, modified = storage.size(name), storage.get_modified_time(name)
        etag = f'"{int(modified.timestamp() * 1_000_000):x}-{size:x}"'
        headers |= {"Accept-Ranges": "bytes", "ETag": etag, "Last-Modified": http_date(modified.timestamp())}
        unchanged: Any = get_conditional_response(
            request, etag, int(modified.timestamp()), HttpResponse(headers=headers)
        )
        if unchanged.status_code != 200:
            return unchanged
        return _answer(request, storage, name, size, _range(request, size, etag, modified), headers)
    except FileNotFoundError:
        raise Http404 from None
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Cache-Control": "no-store"})


def _headers(name: str, is_public: bool, content_type: str, filename: str, as_attachment: bool) -> dict[str, str]:
    inert = INERT_TYPES.get(PurePosixPath(name).suffix.lower(), "")
    as_attachment = as_attachment or not inert
    headers = {
        "Content-Type": inert or content_type or DOWNLOAD_TYPE,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": f"public, max-age={MAX_AGE}" if is_public else "private, no-store",
        # Nothing beside the file itself may be loaded or run when it is opened in a tab of its own.
        "Content-Security-Policy": (
            "default-src 'none'; sandbox"
            if as_attachment
            else "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
        ),
    }
    if is_public:
        # Captions are fetched by the player of any site that shows the video.
        headers["Access-Control-Allow-Origin"] = "*"
    if as_attachment:
        headers["Content-Disposition"] = str(content_disposition_header(True, filename or PurePosixPath(name).name))
    return headers


def _answer(
    request: HttpRequest, storage: Storage, name: str, size: int, part: tuple[int, int] | None, headers: dict[str, str]
) -> HttpResponseBase:
    start, end = part or (0, size - 1)
    headers["Content-Length"] = str(end - start + 1)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    file = storage.open(name)
    file.seek(start)
    # As an argument: a type among the headers would be replaced by a guess.
    content_type = headers.pop("Content-Type")
    return FileResponse(FileRange(file, end - start + 1), status=status, content_type=content_type, headers=headers)


def _range(request: HttpRequest, size: int, etag: str, modified: datetime) -> tuple[int, int] | None:
    """Return the first and the last byte asked for; None for the whole file. Raises Unsatisfiable.

    A header that is malformed or asks for several parts is ignored, as RFC 9110 (14.2) allows.
    """
    match = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or match is None or not _is_same(request.headers.get("If-Range", ""), etag, modified):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:  # The last so many bytes.
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable
    return start, end


def _is_same(if_range: str, etag: str, modified: datetime) -> bool:
    """Whether the parts that the client has are of this version of the file; true when it does not ask."""
    if not if_range or if_range == etag:
        return True
    return parse_http_date_safe(if_range) == int(modified.timestamp())

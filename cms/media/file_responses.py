"""HTTP responses with a stored file: ranges and validators (RFC 9110), safe media types, X-Accel-Redirect."""

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

# Seconds for which browsers and caches may keep a public file, also after its withdrawal.
MAX_AGE = 60

# Media types that no browser executes. Every other file is sent as a download.
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
TEXTS_WITHOUT_CHARACTER_SET = frozenset(("text/plain", "text/csv", "text/vtt"))
# Policies of files. A file that is opened in its own tab may load and execute nothing else.
OF_EVERY_FILE = "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DOWNLOADED_FILE = "default-src 'none'; sandbox"
DISPLAYED_FILE = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"

SINGLE_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """The requested range starts past the end of the file."""


class FileRange:
    """A file object that reads the next `length` bytes of an open file."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._remaining = length

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(self._remaining if size < 0 else min(size, self._remaining))
        self._remaining -= len(chunk)
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
    """Return the response to a GET or HEAD of a stored file: 200, 206, 304, 412 or 416.

    Raises Http404 if the storage has no such file. `content_type` and `filename` apply to downloads only. The storage
    may be any Django storage. With the setting MEDIA_INTERNAL_LOCATION, the proxy sends the bytes and handles ranges
    and validators.
    """
    headers = _headers(name, is_public, content_type, filename, as_attachment)
    if settings.MEDIA_INTERNAL_LOCATION:
        return HttpResponse(headers=headers | {"X-Accel-Redirect": settings.MEDIA_INTERNAL_LOCATION + quote(name)})
    try:
        size, modified = storage.size(name), storage.get_modified_time(name)
        etag = f'"{int(modified.timestamp() * 1_000_000):x}-{size:x}"'
        headers |= {"Accept-Ranges": "bytes", "ETag": etag, "Last-Modified": http_date(modified.timestamp())}
        conditional: Any = get_conditional_response(
            request, etag, int(modified.timestamp()), HttpResponse(headers=headers)
        )
        if conditional.status_code != 200:
            return conditional
        byte_range = _requested_range(request, size, etag, modified)
        return _content_response(request, storage, name, size, byte_range, headers)
    except FileNotFoundError:
        raise Http404 from None
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Cache-Control": "no-store"})


def _headers(name: str, is_public: bool, content_type: str, filename: str, as_attachment: bool) -> dict[str, str]:
    inert_type = INERT_TYPES.get(PurePosixPath(name).suffix.lower(), "")
    as_attachment = as_attachment or not inert_type
    headers = {
        "Content-Type": inert_type or _with_character_set(content_type) or DOWNLOAD_TYPE,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": f"public, max-age={MAX_AGE}" if is_public else "private, no-store",
        "Content-Security-Policy": f"{DOWNLOADED_FILE if as_attachment else DISPLAYED_FILE}; {OF_EVERY_FILE}",
    }
    if is_public:
        # The player of any site that shows a video fetches its captions.
        headers["Access-Control-Allow-Origin"] = "*"
    # Browsers save a displayed file under this name too, instead of one that they take from the URL.
    shown_name = filename or PurePosixPath(name).name
    headers["Content-Disposition"] = str(content_disposition_header(as_attachment, shown_name))
    return headers


def _with_character_set(content_type: str) -> str:
    """Return the media type of a download; that of a text names UTF-8, so that no program guesses another encoding."""
    return f"{content_type}; charset=utf-8" if content_type in TEXTS_WITHOUT_CHARACTER_SET else content_type


def _content_response(
    request: HttpRequest,
    storage: Storage,
    name: str,
    size: int,
    byte_range: tuple[int, int] | None,
    headers: dict[str, str],
) -> HttpResponseBase:
    """Return the whole file, or a range of it (first and last byte); for HEAD the headers of the whole file."""
    start, end = byte_range or (0, size - 1)
    headers["Content-Length"] = str(end - start + 1)
    if byte_range is not None:
        headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    status = 200 if byte_range is None else 206
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    file = storage.open(name)
    file.seek(start)
    # FileResponse replaces a Content-Type among the headers by a guess, but not one passed as an argument.
    content_type = headers.pop("Content-Type")
    return FileResponse(FileRange(file, end - start + 1), status=status, content_type=content_type, headers=headers)


def _requested_range(request: HttpRequest, size: int, etag: str, modified: datetime) -> tuple[int, int] | None:
    """Return the first and the last requested byte, or None for the whole file.

    Raises RangeNotSatisfiable for a range past the end. A malformed header, and one with several ranges, is ignored,
    as RFC 9110 (14.2) allows.
    """
    match = SINGLE_RANGE.fullmatch(request.headers.get("Range", ""))
    if (
        request.method != "GET"
        or match is None
        or not _matches_if_range(request.headers.get("If-Range", ""), etag, modified)
    ):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:  # A suffix range: the last `last` bytes.
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable
    return start, end


def _matches_if_range(if_range: str, etag: str, modified: datetime) -> bool:
    """Return True if the If-Range header is empty or names the current version of the file."""
    if not if_range or if_range == etag:
        return True
    return parse_http_date_safe(if_range) == int(modified.timestamp())

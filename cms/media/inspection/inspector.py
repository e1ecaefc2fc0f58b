"""Starts the child process that inspects an uploaded file, and reports its refusals in the user's language."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db.models import Model
from django.utils.translation import gettext as _

from cms.media.overrides.field_files import has_unsaved_content
from cms.storage import replace_file
from sites.people.request_context import current_request

from . import refusal
from .limits.waiting_queue import WaitingQueue

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(__file__).with_name("program.py")
MEGABYTE = 1 << 20
# Seconds of the clock. With the wait for a slot, a request ends before PostgreSQL ends its idle transaction
# (DATABASE_IDLE_SECONDS), so that the user reads why a file is refused.
SECONDS = 20
SECONDS_IN_BACKGROUND = 60
WRITTEN = 256 * MEGABYTE  # bytes of a file, more than the uploaded file has
CHUNK = MEGABYTE
MAX_RESULT = 64 << 10  # bytes of the answer of a child process
# A web process has four threads by default. While two inspect and one waits for a slot, the fourth one is free.
INSPECTIONS_AT_ONCE = 2
SECONDS_OF_WAITING = 5  # of a request, for a slot
slots = threading.BoundedSemaphore(INSPECTIONS_AT_ONCE)
waiting = WaitingQueue()
# One account cannot keep the files of others from being inspected.
slots_of_accounts: defaultdict[Any, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class Limits:
    """Limits of a child process: its processor time in seconds, and its memory in bytes of addresses."""

    seconds: int
    memory: int


PICTURE_LIMITS = Limits(15, 2048 * MEGABYTE)  # An AVIF image of 40 megapixels takes 1.3 GB.
DOCUMENT_LIMITS = Limits(10, 768 * MEGABYTE)
LIMITS = {
    "image": PICTURE_LIMITS,
    "avatar": PICTURE_LIMITS,
    "proof": PICTURE_LIMITS,
    "document": DOCUMENT_LIMITS,
    "video": Limits(15, 512 * MEGABYTE),
}


@dataclass
class Inspection:
    """The result of an inspection.

    `seconds` is the length of a video. `renditions` has the content of each rendition of an image by filter spec,
    `picture` its kind ("jpeg", "png", …), `width` and `height` its pixels before it is turned.
    """

    seconds: float | None = None
    renditions: dict[str, ContentFile] = field(default_factory=dict)
    is_changed: bool = False
    picture: str = ""
    width: int = 0
    height: int = 0


class FileRefused(ValidationError):
    """Raised for a file that is damaged, of another kind than its name says, or not displayable."""

    def __init__(self, reason: str, extension: str, detail: str = "") -> None:
        super().__init__(refusal_message(reason, extension, detail), code=reason)
        self.reason = reason


def inspect_upload(instance: Model, name: str, kind: str, **options: Any) -> Inspection | None:
    """Inspect the new content of a file field, which loses its metadata; None if the content is stored already.

    Raises ValidationError for the field. A file is inspected once, however many forms and models look at it.
    """
    stored = getattr(instance, name)
    if not has_unsaved_content(stored):
        return None
    try:
        stored.field.run_validators(stored)
    except ValidationError:  # `full_clean` reports it.
        return None
    try:
        return inspect_file(stored.file, kind, stored.name, **options)
    except FileRefused as error:
        raise ValidationError({name: error}) from error


def inspect_file(file: Any, kind: str, name: str = "", **options: Any) -> Inspection:
    """Inspect an uploaded file, which loses its metadata in place. Raises FileRefused."""
    known = getattr(file, "inspection", None)
    if isinstance(known, Inspection):
        return known
    extension = PurePosixPath(name or file.name or "").suffix.lower().removeprefix(".")
    with tempfile.TemporaryDirectory(prefix="cms-inspection-") as folder:
        has_path = hasattr(file, "temporary_file_path")
        path = Path(file.temporary_file_path()) if has_path else Path(folder) / "file"
        if has_path:
            file.flush()
        else:
            _write(file, path)
        inspection = run(path, Path(folder), kind, extension, options)
        if inspection.is_changed:
            _replace_content(file, path)
        elif hasattr(file, "seek"):
            file.seek(0)
    file.inspection = inspection
    return inspection


def inspect_stored_file(storage: Storage, name: str, kind: str, *, replace: bool = False, **options: Any) -> Inspection:
    """Inspect a file of a storage. With `replace`, it is stored again under its name if it had metadata.

    Raises FileRefused and OSError.
    """
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    with tempfile.TemporaryDirectory(prefix="cms-inspection-") as folder:
        path = Path(folder) / "file"
        with storage.open(name) as stored:
            _write(stored, path)
        inspection = run(path, Path(folder), kind, extension, options)
        if inspection.is_changed and replace:
            with path.open("rb") as clean:
                replace_file(storage, name, File(clean))
    return inspection


def run(path: Path, folder: Path, kind: str, extension: str, options: dict[str, Any]) -> Inspection:
    """Inspect the file at `path` in a child process, which may change it and write files into `folder`.

    At most `INSPECTIONS_AT_ONCE` run in one process, and one of each account. Raises FileRefused, also for a request
    that waits too long, or while another one waits.
    """
    with ExitStack() as stack:
        if not _acquire_slot(stack):
            raise FileRefused(refusal.BUSY, extension)
        return _run(path, folder, kind, extension, options)


def _acquire_slot(stack: ExitStack) -> bool:
    """Acquire a slot, which `stack` releases; return False if none becomes free in time."""
    request = current_request()
    if request is None:
        # Commands and background tasks wait as long as it takes: each inspection ends.
        stack.enter_context(slots)
        return True
    account = request.user.pk if hasattr(request, "user") else None
    own = slots_of_accounts[account]
    for slot in (own, slots):
        # A request that waits for another request of its account is displaced by requests of other accounts.
        if slot.acquire(blocking=False) or waiting.wait_for(slot, SECONDS_OF_WAITING, is_displaceable=slot is own):
            stack.callback(slot.release)
        else:
            return False
    return True


def _run(path: Path, folder: Path, kind: str, extension: str, options: dict[str, Any]) -> Inspection:
    limits = LIMITS[kind]
    job = {
        "path": str(path),
        "folder": str(folder),
        "kind": kind,
        "extension": extension,
        "pixels": settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS,
        "limits": {
            "seconds": limits.seconds,
            "memory": limits.memory,
            "written": path.stat().st_size + WRITTEN,
        },
        **options,
    }
    with tempfile.TemporaryFile() as output:
        try:
            completed = subprocess.run(  # noqa: S603 (our own program)
                [sys.executable, str(PROGRAM), json.dumps(job)],
                env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS if current_request() else SECONDS_IN_BACKGROUND,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FileRefused(refusal.TOO_COMPLEX, extension) from error
        output.seek(0)
        answer = output.read(MAX_RESULT)
    try:
        result = json.loads(answer)
    except ValueError:
        logger.warning("The inspection of a file (%s) ended with %s.", extension, completed.returncode)
        raise FileRefused(refusal.TOO_COMPLEX, extension) from None
    if "refused" in result:
        if "error" in result:
            logger.warning("A file (%s) cannot be read: %s", extension, result["error"])
        raise FileRefused(result["refused"], extension, result["detail"])
    renditions = {
        spec: rendition_file((folder / Path(name).name).read_bytes(), name, width, height)
        for spec, (name, width, height) in result.get("renditions", {}).items()
    }
    found = {name: result[name] for name in ("seconds", "picture", "width", "height") if name in result}
    return Inspection(renditions=renditions, is_changed=result["changed"], **found)


def rendition_file(content: bytes, name: str, width: int, height: int) -> ContentFile:
    """Return the file of a rendition, which knows its size in pixels."""
    file = ContentFile(content, name=name)
    file.inspection = Inspection(width=width, height=height)  # type: ignore[attr-defined]
    return file


def renamed_rendition(file: Any, name: str) -> ContentFile:
    """Return the file of a rendition under another name."""
    file.seek(0)
    return rendition_file(file.read(), name, file.inspection.width, file.inspection.height)


def _write(file: Any, path: Path) -> None:
    file.seek(0)
    with path.open("wb") as copy:
        while chunk := file.read(CHUNK):
            copy.write(chunk)


def _replace_content(file: Any, path: Path) -> None:
    """Replace the content of an uploaded file by that at `path`; the object stays the same."""
    if not hasattr(file, "temporary_file_path"):
        content = tempfile.SpooledTemporaryFile(CHUNK)  # noqa: SIM115 (it outlives this)
        weakref.finalize(file, content.close)
        with path.open("rb") as clean:
            shutil.copyfileobj(clean, content, CHUNK)
        file.file = content
    file.size = path.stat().st_size
    file.seek(0)


def refusal_message(reason: str, extension: str, detail: str = "") -> str:
    """Return the sentence that says why a file is refused, and what to do."""
    messages = {
        refusal.DAMAGED: _("This file is damaged or incomplete. Export or copy it again, then upload it."),
        refusal.OTHER_KIND: _(
            "The content of this file is not what its name says (.%(extension)s). Upload the original file, "
            "or save it again in this format."
        ),
        refusal.ENCRYPTED: _(
            "This file is protected by a password, or has an older format. Save it without a password as "
            ".%(extension)s, then upload it."
        ),
        refusal.MACROS: _("This file contains macros. Save it without macros, then upload it."),
        refusal.TOO_LARGE_UNPACKED: _("This file unpacks to more than is accepted. Split it, or remove large parts."),
        refusal.TOO_MANY_PIXELS: _("This image has more pixels than are accepted. Save it in a smaller size."),
        refusal.NO_PICTURE: _("This file has no video track. Export the video again, with its picture."),
        refusal.UNPLAYABLE: _(
            "Browsers cannot play this video (%(detail)s). Export it as MP4 with H.264 (8 bits, 4:2:0), or as WebM "
            "with VP9."
        ),
        refusal.TOO_COMPLEX: _(
            "This file takes too much time or memory to open. Save it in a simpler form or a smaller size."
        ),
        refusal.BUSY: _("Other files are being checked at the moment. Upload this file again in a minute."),
    }
    return messages[reason] % {"extension": extension, "detail": detail}

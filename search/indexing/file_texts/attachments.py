"""The texts of the files that published documents show: stored by content hash, read in the background."""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cms.media.content_hashes import public_files
from cms.media.models import CustomDocument
from search.models import FileText
from search.search_documents import iterate_objects

from .extraction import UnreadableFile, extract_text

logger = logging.getLogger(__name__)

# Media types of docs/document.md whose text is extracted.
MEDIA_TYPES = frozenset(
    (
        "application/pdf",
        *(
            f"application/vnd.openxmlformats-officedocument.{kind}"
            for kind in ("wordprocessingml.document", "presentationml.presentation", "spreadsheetml.sheet")
        ),
        *(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "presentation", "spreadsheet")),
        "text/plain",
        "text/csv",
    )
)
# Keys by which a File of docs/document.md is recognised.
FILE_KEYS = frozenset(("media_type", "hash"))
# Limit for all files of one document together: more slows the engine down and does not help readers.
MAX_CHARACTERS = 200_000
# After this time a file counts as abandoned by a process that was killed, and another process reads it. A file that
# fails repeatedly is given up.
READ_TIMEOUT = datetime.timedelta(minutes=2)
MAX_ATTEMPTS = 3


def attached_file_hashes(data: dict[str, Any]) -> list[str]:
    """Return the content hashes of the files of a published document that have readable text, in document order."""
    files = (value for value in iterate_objects(data["content"]) if value.keys() >= FILE_KEYS)
    hashes = [file["hash"] for file in files if file["media_type"] in MEDIA_TYPES]
    return list(dict.fromkeys(filter(None, hashes)))


def file_texts(hashes: Iterable[str]) -> dict[str, str | None]:
    """Return the text of each content hash; None for one that is not read yet. New hashes are queued for reading.

    One query, and one more if there are new hashes.
    """
    wanted = set(hashes)
    if not wanted:
        return {}
    known = {
        content_hash: text if read_at else None
        for content_hash, text, read_at in FileText.objects.filter(hash__in=wanted).values_list(
            "hash", "text", "read_at"
        )
    }
    new = sorted(wanted - known.keys())
    FileText.objects.bulk_create(
        [FileText(hash=content_hash) for content_hash in new], ignore_conflicts=True, batch_size=500
    )
    return known | dict.fromkeys(new)


def truncate_texts(texts: Iterable[str]) -> list[str]:
    """Return the texts of one document, cut so that all together have at most MAX_CHARACTERS."""
    remaining, kept = MAX_CHARACTERS, []
    for text in texts:
        kept.append(text[:remaining])
        remaining -= len(kept[-1])
    return [text for text in kept if text]


def unread_files() -> QuerySet[FileText]:
    """Return the files that wait to be read and that no process is reading."""
    is_free = Q(begun_at=None) | Q(begun_at__lt=timezone.now() - READ_TIMEOUT)
    return FileText.objects.filter(is_free, read_at=None, attempts__lt=MAX_ATTEMPTS)


def read_unread_files(seconds: float) -> int:
    """Read waiting files until there is none or the time is over; return the number of files.

    Several processes may run this at once: each file is read by one of them.
    """
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end and (row := unread_files().order_by("pk").first()) is not None:
        if unread_files().filter(pk=row.pk).update(begun_at=timezone.now(), attempts=F("attempts") + 1):
            if (read := _read_text(row.hash)) is None:
                FileText.objects.filter(pk=row.pk).delete()  # It is queued again when a document shows the file.
            else:
                text, problem = read
                FileText.objects.filter(pk=row.pk).update(text=text, problem=problem[:250], read_at=timezone.now())
            number += 1
    return number


def give_up_files() -> int:
    """Store a problem for files whose reading has ended MAX_ATTEMPTS processes; return their number.

    The dashboard shows them to those who can replace the file.
    """
    given_up = FileText.objects.filter(read_at=None, attempts__gte=MAX_ATTEMPTS)
    number = given_up.filter(begun_at__lt=timezone.now() - READ_TIMEOUT).update(
        problem=f"{MAX_ATTEMPTS} processes ended while they read it", read_at=timezone.now()
    )
    if number:
        logger.error("%d files are given up: the processes that read them ended", number)
    return number


def read_again(content_hash: str) -> None:
    """Let a file be read again that could not be read."""
    FileText.objects.filter(hash=content_hash).exclude(problem="").update(
        problem="", attempts=0, begun_at=None, read_at=None, is_indexed=False
    )


def delete_unused_text_on_commit(content_hash: str) -> None:
    """Delete the text of a content after the commit if no file has that content any more."""
    if content_hash:
        transaction.on_commit(lambda: _delete_unused_text(content_hash))


def _delete_unused_text(content_hash: str) -> None:
    if not CustomDocument.objects.filter(file_hash=content_hash).exists():
        FileText.objects.filter(hash=content_hash).delete()


def _read_text(content_hash: str) -> tuple[str, str] | None:
    """Return the text of a content and "", or "" and the reason why there is none; None without a public file."""
    problem = None
    for file in public_files(content_hash):
        try:
            return extract_text(file, content_hash), ""
        except UnreadableFile as error:
            problem = str(error)
            logger.warning("The text of %s cannot be read and is not searched: %s", file.name, problem)
    return None if problem is None else ("", problem)

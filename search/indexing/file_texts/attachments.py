"""The texts of the files that published documents show: which there are, which wait to be read, and reading those."""

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

# Media types of docs/document.md whose text is read.
MEDIA_TYPES = frozenset(
    (
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.oasis.opendocument.text",
    )
)
# What only a File of docs/document.md has.
FILE_KEYS = frozenset(("media_type", "hash"))
# Of all files of one document: more is of no use to a reader, and long for an engine.
MOST_CHARACTERS = 200_000
# A reader that was ended while it read leaves the file to another; a file that ends readers is left alone.
LONGEST_READ = datetime.timedelta(minutes=2)
MOST_ATTEMPTS = 3


def attached_file_hashes(data: dict[str, Any]) -> list[str]:
    """Return the contents of the files that a published document shows and whose text is read, in its order."""
    files = (each for each in iterate_objects(data["content"]) if each.keys() >= FILE_KEYS)
    hashes = [each["hash"] for each in files if each["media_type"] in MEDIA_TYPES]
    return list(dict.fromkeys(filter(None, hashes)))


def file_texts(hashes: Iterable[str]) -> dict[str, str | None]:
    """Return the text of each content; None for one that is yet to be read, from now on if it is new.

    One query, and one more when there is a new one, whatever their number.
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
    FileText.objects.bulk_create([FileText(hash=each) for each in new], ignore_conflicts=True, batch_size=500)
    return known | dict.fromkeys(new)


def truncate_texts(texts: Iterable[str]) -> list[str]:
    """Return the texts of one document, up to what is indexed of them in all."""
    left, kept = MOST_CHARACTERS, []
    for text in texts:
        kept.append(text[:left])
        left -= len(kept[-1])
    return [text for text in kept if text]


def unread_files() -> QuerySet[FileText]:
    """Return what nobody reads at the moment and has to be read."""
    is_free = Q(begun_at=None) | Q(begun_at__lt=timezone.now() - LONGEST_READ)
    return FileText.objects.filter(is_free, read_at=None, attempts__lt=MOST_ATTEMPTS)


def read_unread_files(seconds: float) -> int:
    """Read files that wait, each once, until there is none or the time is over; return how many were read.

    Any number of processes may do so at once.
    """
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end and (row := unread_files().order_by("pk").first()) is not None:
        if unread_files().filter(pk=row.pk).update(begun_at=timezone.now(), attempts=F("attempts") + 1):
            text, problem = _read(row.hash)
            FileText.objects.filter(pk=row.pk).update(text=text, problem=problem[:250], read_at=timezone.now())
            number += 1
    return number


def delete_unused_text_on_commit(content_hash: str) -> None:
    """Remove the text of a content once no document has it any more."""
    if content_hash:
        transaction.on_commit(lambda: _forget(content_hash))


def _forget(content_hash: str) -> None:
    if not CustomDocument.objects.filter(file_hash=content_hash).exists():
        FileText.objects.filter(hash=content_hash).delete()


def _read(content_hash: str) -> tuple[str, str]:
    """Return the text, and why there is none."""
    problem = "no public file has this content"
    for file in public_files(content_hash):
        try:
            return extract_text(file, content_hash), ""
        except UnreadableFile as error:
            problem = str(error)
            logger.warning("The text of %s cannot be read and is not searched: %s", file.name, problem)
    return "", problem

"""Has the text of a stored file read by a child process that may not do much."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import PurePosixPath
from tempfile import TemporaryFile

from django.core.files import File

from . import extraction_process

KINDS = frozenset(extraction_process.READERS)
# Of the clock: a child that waits uses no time of the processor.
LONGEST = 1.5 * extraction_process.MOST_SECONDS
CHUNK = 1 << 20


class UnreadableFile(Exception):
    """The text of a file cannot be read; the message says why."""


def extract_text(file: File, content_hash: str) -> str:
    """Return the text of a stored PDF, DOCX or ODT file, its beginning if it is long.

    Raises UnreadableFile for any other kind, for what is broken, encrypted, too large or takes too long, and for a
    content that has not the SHA-1 it should have: nobody passes one file off as another.
    """
    kind = PurePosixPath(file.name or "").suffix.removeprefix(".").lower()
    if kind not in KINDS:
        raise UnreadableFile(f"no text is read of files that end in “.{kind}”")
    digest = hashlib.sha1(usedforsecurity=False)
    with TemporaryFile() as source, TemporaryFile() as found:
        try:
            with file.open("rb") as stored:
                while (chunk := stored.read(CHUNK)) and source.tell() <= extraction_process.MOST_BYTES:
                    digest.update(chunk)
                    source.write(chunk)
        except OSError as error:
            raise UnreadableFile(f"it is not in the storage: {error}") from error
        if source.tell() > extraction_process.MOST_BYTES:
            raise UnreadableFile(f"it is larger than {extraction_process.MOST_BYTES} bytes")
        if digest.hexdigest() != content_hash:
            raise UnreadableFile("its content is not what was published")
        source.seek(0)
        status = _run(kind, source.fileno(), found.fileno())
        found.seek(0)
        text = found.read().decode("utf-8", "replace")
    if status < 0:
        raise UnreadableFile("reading it took too much time, memory or space")
    if status:
        raise UnreadableFile(text or "reading it failed")
    return text


def _run(kind: str, source: int, found: int) -> int:
    """Return the exit status; negative when the child was ended. It inherits nothing but the two files."""
    try:
        return subprocess.run(  # noqa: S603 (a program of ours; the file comes by its input)
            # Isolated: no variable and no folder of ours says what it imports.
            [sys.executable, "-I", extraction_process.__file__, kind],
            stdin=source, stdout=found, stderr=subprocess.DEVNULL, env={}, timeout=LONGEST, check=False,
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1

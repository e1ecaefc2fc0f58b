"""Extracts the text of a stored file in a child process with few rights."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import PurePosixPath
from tempfile import TemporaryFile

from django.core.files import File

from . import extraction_process

EXTENSIONS = frozenset(extraction_process.READERS)
# Wall-clock seconds: a child that waits uses no processor time.
TIMEOUT = 1.5 * extraction_process.MAX_SECONDS
CHUNK = 1 << 20


class UnreadableFile(Exception):
    """Raised when the text of a file cannot be read; the message says why."""


def extract_text(file: File, content_hash: str) -> str:
    """Return the text of a stored file with one of EXTENSIONS, truncated if it is long.

    Raises UnreadableFile for another file type, for a file that is damaged, encrypted, too large or too slow to read,
    and for a content whose SHA-1 differs from `content_hash`: a replaced file must not be indexed as the published one.
    """
    extension = PurePosixPath(file.name or "").suffix.removeprefix(".").lower()
    if extension not in EXTENSIONS:
        raise UnreadableFile(f"no text is read of files that end in “.{extension}”")
    digest = hashlib.sha1(usedforsecurity=False)
    with TemporaryFile() as source, TemporaryFile() as output:
        try:
            with file.open("rb") as stored:
                while (chunk := stored.read(CHUNK)) and source.tell() <= extraction_process.MAX_BYTES:
                    digest.update(chunk)
                    source.write(chunk)
        except OSError as error:
            raise UnreadableFile(f"it is not in the storage: {error}") from error
        if source.tell() > extraction_process.MAX_BYTES:
            raise UnreadableFile(f"it is larger than {extraction_process.MAX_BYTES} bytes")
        if digest.hexdigest() != content_hash:
            raise UnreadableFile("its content is not what was published")
        source.seek(0)
        status = _run(extension, source.fileno(), output.fileno())
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if status < 0:
        raise UnreadableFile("reading it took too much time, memory or space")
    if status:
        raise UnreadableFile(text or "reading it failed")
    return text


def _run(extension: str, source: int, output: int) -> int:
    """Run the child process, which inherits the two files only; return its exit status, negative if it was killed."""
    try:
        return subprocess.run(  # noqa: S603 (our own module; the file arrives on its standard input)
            # -I: neither environment variables nor the working directory decide what it imports.
            [sys.executable, "-I", extraction_process.__file__, extension],
            stdin=source, stdout=output, stderr=subprocess.DEVNULL, env={}, timeout=TIMEOUT, check=False,
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1

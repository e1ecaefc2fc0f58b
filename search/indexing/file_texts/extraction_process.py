"""A program that extracts the text of one file: `extraction_process.py EXTENSION < file > text`.

Files come from many people and may attack the library that reads them. This process therefore has no settings, no
secret and no database connection, and the system kills it if it uses too much time or memory or writes too much. Exit
status 0 with the text in UTF-8, 2 with the reason why there is none.
"""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_SECONDS = 10  # processor time
MAX_MEMORY = 768 << 20  # bytes, including the libraries
MAX_BYTES = 50 << 20  # of the file
# About forty pages.
MAX_CHARACTERS = 100_000
MAX_PAGES = 2_000

# Hyphens inside a word at a line end (PDFium marks them), and characters without width, which are inside words.
INSIDE_WORDS = re.compile("[\u0002\u00ad\ufffe][\r\n]*|[\u200b-\u200d\u2060\ufeff]")
# Control characters, some of which PostgreSQL refuses, and characters for private use: bullets of symbol fonts.
CONTROLS = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ue000-\uf8ff\ufffe\uffff]")
REPLACED = str.maketrans({"\u2010": "-", "\u2011": "-", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})
SPACES = re.compile(r"[^\S\n]+")
LINES = re.compile(r"\s*\n\s*")
TEXT_ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def pdf(data: bytes) -> Iterator[str]:
    """Yield the text of each page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        text = page.get_textpage()
        yield text.get_text_bounded() + "\n"
        text.close()
        page.close()


def office_document(extension: str) -> Callable[[bytes], Iterator[str]]:
    """Return the reader of an office format. It is loaded when a file is read, by the process with few rights."""

    def read(data: bytes) -> Iterator[str]:
        from search.indexing.file_texts import office_readers

        return office_readers.READERS[extension](data)

    return read


def plain_text(data: bytes) -> Iterator[str]:
    """Yield the text of a text file in UTF-8, UTF-16 or Windows-1252."""
    if data.startswith(UTF16_MARKS):
        yield data.decode("utf-16", "replace")
        return
    for encoding in TEXT_ENCODINGS:
        try:
            yield data[: 8 * MAX_CHARACTERS].decode(encoding)
        except UnicodeDecodeError:
            continue
        return


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "pdf": pdf,
    **{extension: office_document(extension) for extension in ("docx", "pptx", "xlsx", "odt", "ods", "odp")},
    "txt": plain_text,
    "csv": plain_text,
}


def _limit_resources() -> None:
    """Limit the resources of this process; the limits cannot be raised again."""
    for kind, limit in (
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_FSIZE, 8 * MAX_CHARACTERS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def extract_text(extension: str, data: bytes) -> str:
    """Return the text, cut at `MAX_CHARACTERS`. Raises UnreadableContent and the errors of the libraries."""
    parts: list[str] = []
    length = 0
    for part in READERS[extension](data):
        parts.append(part)
        length += len(part)
        if length > 2 * MAX_CHARACTERS:  # Twice: the text shrinks when spaces are joined.
            break
    joined = CONTROLS.sub(" ", INSIDE_WORDS.sub("", "".join(parts))).translate(REPLACED)
    return LINES.sub("\n", SPACES.sub(" ", joined)).strip()[:MAX_CHARACTERS]


def main(extension: str) -> int:
    """Write the text of the file on standard input, or the reason why there is none; return the exit status."""
    _limit_resources()
    try:
        output, status = extract_text(extension, sys.stdin.buffer.read()), 0
    except Exception as error:
        output, status = f"{type(error).__name__}: {error}"[:200], 2
    sys.stdout.buffer.write(output.encode("utf-8", "replace"))
    return status


if __name__ == "__main__":
    # `python -I` leaves out the folder of the project.
    sys.path.append(str(Path(__file__).parents[3]))
    sys.exit(main(sys.argv[1]))

"""A program that extracts the text of one file: `extraction_process.py EXTENSION < file > text`.

Files come from many people and may attack the library that reads them. This process therefore has no settings, no
secret and no database connection, and the system kills it if it uses too much time or memory or writes too much. Exit
status 0 with the text in UTF-8, 2 with the reason why there is none.
"""

from __future__ import annotations

import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO

MAX_SECONDS = 20  # processor time
MAX_MEMORY = 1 << 30  # bytes, including the libraries
MAX_BYTES = 50 << 20  # of the file
MAX_UNPACKED = 200 << 20  # bytes of the unpacked members of an archive
MAX_MEMBERS = 10_000
# About forty pages.
MAX_CHARACTERS = 100_000
MAX_PAGES = 2_000

# Hyphens inside a word at a line end, and invisible characters, some of which PostgreSQL refuses.
HYPHENATION = re.compile("[\u0002\u00ad\ufffe][\r\n]*")
CONTROLS = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]")
SPACES = re.compile(r"[^\S\n]+")
LINES = re.compile(r"\s*\n\s*")


class UnreadableContent(Exception):
    """Raised when no text can be extracted from the file; the message says why."""


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


def docx(data: bytes) -> Iterator[str]:
    """Yield the text of the body with tables and text boxes, without tracked deletions and comments."""
    import docx as library
    from docx.oxml.ns import qn

    _check_archive_size(data)
    breaks = {qn("w:p"): "\n", qn("w:tab"): " ", qn("w:br"): " ", qn("w:tc"): " "}
    for element in library.Document(BytesIO(data)).element.body.iter():
        yield breaks.get(element.tag, "")
        if element.tag == qn("w:t"):
            yield element.text or ""


def odt(data: bytes) -> Iterator[str]:
    """Yield paragraphs and headings, without tracked deletions and comments."""
    import odfdo

    _check_archive_size(data)
    body = odfdo.Document(BytesIO(data)).body
    for hidden in body.get_elements("//text:tracked-changes | //office:annotation"):
        hidden.delete()
    for paragraph in body.get_elements("//text:p | //text:h"):
        yield paragraph.inner_text + "\n"


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {"pdf": pdf, "docx": docx, "odt": odt}


def _check_archive_size(data: bytes) -> None:
    """Raise UnreadableContent for an archive with too many or too large members.

    The declared sizes suffice: the libraries read no more than a member declares.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise UnreadableContent("it holds more than is read of a packed file")


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
    joined = CONTROLS.sub(" ", HYPHENATION.sub("", "".join(parts)))
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
    sys.exit(main(sys.argv[1]))

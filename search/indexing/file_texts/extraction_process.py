"""Reads the text of one file: `child.py KIND < file > text`. A program of its own, which knows nothing of ours.

Files come from many hands. Whatever one of them does to the library that reads it ends here: this process has no
settings, no secret and no database, and the system ends it when it takes too much time or memory or writes too much.
Exit status 0 with the text in UTF-8, 2 with the reason why there is none.
"""

from __future__ import annotations

import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO

MOST_SECONDS = 20  # of the processor
MOST_MEMORY = 1 << 30  # bytes, with the libraries
MOST_BYTES = 50 << 20  # of the file
MOST_UNPACKED = 200 << 20  # bytes of what is in a packed file
MOST_MEMBERS = 10_000
# About forty pages: who looks for words that come later knows the file already.
MOST_CHARACTERS = 100_000
MOST_PAGES = 2_000

# What separates the halves of a word at the end of a line; and characters that no reader sees and PostgreSQL refuses.
HYPHENATION = re.compile("[\u0002\u00ad\ufffe][\r\n]*")
CONTROLS = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]")
SPACES = re.compile(r"[^\S\n]+")
LINES = re.compile(r"\s*\n\s*")


class Unreadable(Exception):
    """The file has no text for us; the message says why."""


def pdf(data: bytes) -> Iterator[str]:
    """Yield the text of each page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        text = page.get_textpage()
        yield text.get_text_bounded() + "\n"
        text.close()
        page.close()


def docx(data: bytes) -> Iterator[str]:
    """Yield what stands in the body, tables and boxes too; not what was deleted with changes tracked, nor comments."""
    import docx as library
    from docx.oxml.ns import qn

    _refuse_bombs(data)
    breaks = {qn("w:p"): "\n", qn("w:tab"): " ", qn("w:br"): " ", qn("w:tc"): " "}
    for element in library.Document(BytesIO(data)).element.body.iter():
        yield breaks.get(element.tag, "")
        if element.tag == qn("w:t"):
            yield element.text or ""


def odt(data: bytes) -> Iterator[str]:
    """Yield paragraphs and headings; not what was deleted with changes tracked, nor comments."""
    import odfdo

    _refuse_bombs(data)
    body = odfdo.Document(BytesIO(data)).body
    for hidden in body.get_elements("//text:tracked-changes | //office:annotation"):
        hidden.delete()
    for paragraph in body.get_elements("//text:p | //text:h"):
        yield paragraph.inner_text + "\n"


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {"pdf": pdf, "docx": docx, "odt": odt}


def _refuse_bombs(data: bytes) -> None:
    """Raise Unreadable for what is packed too tightly; the library below reads no more than a member declares."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise Unreadable("it holds more than is read of a packed file")


def _limit() -> None:
    """Have the system end this process when it takes too much. Limits can be lowered only, and not raised again."""
    for what, most in (
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, 8 * MOST_CHARACTERS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def extract_text(kind: str, data: bytes) -> str:
    """Return the text, cut at `MOST_CHARACTERS`. Raises Unreadable, and what the libraries raise."""
    parts: list[str] = []
    length = 0
    for part in READERS[kind](data):
        parts.append(part)
        length += len(part)
        if length > 2 * MOST_CHARACTERS:  # Some of it is spaces.
            break
    joined = CONTROLS.sub(" ", HYPHENATION.sub("", "".join(parts)))
    return LINES.sub("\n", SPACES.sub(" ", joined)).strip()[:MOST_CHARACTERS]


def main(kind: str) -> int:
    _limit()
    try:
        found, status = extract_text(kind, sys.stdin.buffer.read()), 0
    except Exception as error:
        found, status = f"{type(error).__name__}: {error}"[:200], 2
    sys.stdout.buffer.write(found.encode("utf-8", "replace"))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

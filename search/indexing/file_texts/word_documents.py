"""Plain text of DOCX files, with the files that they include (`w:altChunk`, ISO/IEC 29500-1, 17.17.2.1)."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from typing import Any

from .office_documents import Rules, TextReader, distinct, graphics, hidden_styles_of, names
from .office_package import Package
from .rich_text_format import MARK, rich_text

WORD = Rules(
    texts=names("w:t m:t"),
    separators={
        "w:tab": " ",
        "w:ptab": " ",
        "w:br": " ",
        "w:cr": " ",
        "w:noBreakHyphen": "-",
        "w:tc": " ",
        "w:tr": "\n",
    },
    paragraphs=names("w:p"),
    after_paragraph=names("w:txbxContent"),
    # A moved passage is also at its new place.
    skipped=names("w:del w:moveFrom w:rt w:instrText w:delText"),
    notes=names("w:footnoteReference w:endnoteReference"),
)
# The depth of documents that include documents.
MAX_DEPTH = 3
# Included files whose content does not say what they are, by media type or, without one, by extension.
WEB_PAGES = names("text/html application/xhtml+xml html htm xhtml")
WEB_ARCHIVES = names("message/rfc822 multipart/related mht mhtml")
PLAIN_TEXTS = names("text/plain txt")
PACKED = b"PK"
# Elements of a web page whose content readers do not see (`del`: deletions that Word tracked), and those within a line.
UNSEEN = names("head script style template noscript title del")
HIDDEN_STYLE = re.compile(r"(display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)\b", re.IGNORECASE)
INLINE = names("a abbr b bdi bdo cite code em font i mark q s small span strong sub sup u")


def docx(data: bytes, depth: int = 0) -> Iterator[str]:
    """Yield headers, the body with its notes, included files, and footers.

    Tracked deletions, comments and hidden text are left out. `depth` is the number of documents that include this one.
    """
    package = Package(data)
    main = package.main()
    notes: dict[tuple[str, str], str] = {}
    for kind in ("footnote", "endnote"):
        for member in package.members(main, f"{kind}s"):
            for note in package.tree(member):
                identifier = next((value for key, value in note.items() if key.endswith("}id")), "")
                notes[f"w:{kind}Reference", identifier] = TextReader(WORD).read(note)
    hidden = frozenset().union(*(hidden_styles_of(package.tree(member)) for member in package.members(main, "styles")))
    yield from distinct(TextReader(WORD).read(package.tree(member)) for member in package.members(main, "header"))
    document = package.tree(main)
    shown: set[str] = set()
    for body in document:
        reader = TextReader(WORD, notes, hidden, shown)
        yield from (reader.read(block) for block in body)
    yield from graphics(package, main, document, shown)
    for member in package.members(main, "aFChunk"):
        yield from _included(package, member, depth)
        yield "\n"
    yield from distinct(TextReader(WORD).read(package.tree(member)) for member in package.members(main, "footer"))


def _included(package: Package, member: str, depth: int) -> Iterator[str]:
    """Yield the text of an included document, RTF file, web page, web archive or plain text; none of another kind."""
    data = package.content(member)
    kind = package.media_type(member) or member.rpartition(".")[2].lower()
    try:
        if data.startswith(PACKED):
            yield from docx(data, depth + 1) if depth < MAX_DEPTH else ()
        elif data.lstrip().startswith(MARK):
            yield from rich_text(data)
        elif kind in WEB_ARCHIVES:
            message = email.message_from_bytes(data, policy=email.policy.default)
            part = message.get_body(("html", "plain"))
            if part is not None:
                text = part.get_content()
                yield _web_text(text.encode(), "utf-8") if part.get_content_subtype() == "html" else text
        elif kind in WEB_PAGES:
            yield _web_text(data)
        elif kind in PLAIN_TEXTS:
            yield data.decode("utf-8-sig", "replace")
    except MemoryError:
        raise
    except Exception:
        # A library may raise anything: a part that cannot be read leaves the text of the others.
        return


def _web_text(data: bytes, encoding: str | None = None) -> str:
    """Return the text of a web page, with a line for each block. The encoding is that of the page if none is given."""
    from lxml import etree

    root = etree.fromstring(data, etree.HTMLParser(encoding=encoding, no_network=True, remove_comments=True))
    parts: list[str] = []
    if root is not None:
        _add_web_text(root, parts)
    return "".join(parts)


def _add_web_text(element: Any, parts: list[str]) -> None:
    tag = element.tag if isinstance(element.tag, str) else "script"
    if tag not in UNSEEN and element.get("hidden") is None and not HIDDEN_STYLE.search(element.get("style", "")):
        is_block = tag not in INLINE
        parts += ["\n" if is_block else "", element.text or ""]
        for child in element:
            _add_web_text(child, parts)
        parts.append("\n" if is_block else "")
    parts.append(element.tail or "")

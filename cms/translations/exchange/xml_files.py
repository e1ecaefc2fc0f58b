"""XML of translation files: parsed without entities, document types and network, and written as UTF-8."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

from .incoming_files import Readable, mislabelled, read_limited, refuse_at, refuse_text_at

# Start and end tags of one unit, without the inline codes of very long texts.
TAGS_OF_A_UNIT = 40
# Far more than any element of these formats has.
MAX_ATTRIBUTES = 100
DECLARED_ENCODING = re.compile(
    r"<\?xml[ \t\r\n][^<>]{0,200}?encoding[ \t\r\n]*=[ \t\r\n]*[\"']([A-Za-z0-9._-]{1,40})[\"']"
)
UTF8_NAMES = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
# OmegaT and terminology programs name the standard DTD; it is never loaded. Other document types are refused.
HARMLESS_DOCTYPE = re.compile(
    r"<!DOCTYPE[ \t\r\n]+(?:tmx[ \t\r\n]+SYSTEM[ \t\r\n]+[\"']tmx1[0-9]{1,2}[a-z]?\.dtd[\"']"
    r"|martif[ \t\r\n]+SYSTEM[ \t\r\n]+[\"']TBX[A-Za-z0-9_-]{0,60}\.dtd[\"'])[ \t\r\n]*>"
)
WHITE_SPACE = re.compile(r"[ \t\r\n]*")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def read_xml(file: Readable, name: str, max_units: int | None = None) -> etree._Element:
    """Return the root element of a file, without comments and processing instructions.

    Raises ValidationError with file, line and advice for a file that is too large, packed, in another encoding, not
    well-formed, nested too deeply, has more elements than `max_units` (by default TRANSLATION_FILE_MAX_UNITS) need, or
    has a document type, an entity, an element of many attributes or a control character.
    """
    text = read_limited(file, name)
    declared = DECLARED_ENCODING.match(text.lstrip())
    if declared and declared[1].lower() not in UTF8_NAMES and not text.isascii():
        raise mislabelled(name, declared[1])
    text = _without_doctype(text, name)
    if text.count("<") > (max_units or settings.TRANSLATION_FILE_MAX_UNITS) * TAGS_OF_A_UNIT:
        raise ValidationError(_("“%(name)s” has too many elements: export fewer pages at once.") % {"name": name})
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        reason = _("this is not well-formed XML. Export the file again from your program.")
        raise refuse_at(name, error.lineno, reason) from None
    for element in root.iter():
        if len(element.attrib) > MAX_ATTRIBUTES:  # lxml reads their values in quadratic time.
            values = {"number": MAX_ATTRIBUTES}
            raise refuse_at(name, element.sourceline, _("an element has more than %(number)s attributes.") % values)
        for part in (element.text, element.tail, *element.attrib.values()):
            if part:
                refuse_text_at(name, element.sourceline, part)
    return root


def write_xml(root: etree._Element) -> bytes:
    """Return a document as UTF-8."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data + b"\n"


def put_on_lines(element: etree._Element, texts: frozenset[str], depth: int = 0) -> None:
    """Indent the structure of a document; leave the content of the elements with the given tags as it is."""
    if element.tag in texts or not len(element):
        return
    element.text = "\n" + "  " * (depth + 1)
    for child in element:
        put_on_lines(child, texts, depth + 1)
        child.tail = element.text
    element[-1].tail = "\n" + "  " * depth


def _without_doctype(text: str, name: str) -> str:
    """Return the text with blanks in place of a harmless document type; raise ValidationError for another one."""
    position = 0
    while True:
        position = WHITE_SPACE.match(text, position).end()  # type: ignore[union-attr]
        end = {"<?": "?>", "<!--": "-->"}
        closing = next((end[opening] for opening in end if text.startswith(opening, position)), None)
        if closing is None:
            break
        found = text.find(closing, position + 2)
        if found < 0:
            return text
        position = found + len(closing)
    if not text.startswith("<!DOCTYPE", position):
        return text
    harmless = HARMLESS_DOCTYPE.match(text, position)
    if harmless is None:
        line = text.count("\n", 0, position) + 1
        raise refuse_at(name, line, _("a document type (<!DOCTYPE …>) is not allowed. Remove it and import again."))
    blank = re.sub(r"[^\n]", " ", harmless[0])
    return text[:position] + blank + text[harmless.end() :]

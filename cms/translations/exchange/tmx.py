"""TMX 1.4b (LISA, 2005): pairs of a translation memory, without names of persons.

Inline codes are <bpt>, <ept> and <ph> with their HTML. Codes of other programs are left out when a file is read, since
a memory of an agency holds codes of many programs; the texts between them stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

from .incoming_files import Readable, refuse_surplus_units
from .inline_codes import TAG, Code, code_fault, parse_html, shortened
from .inline_xml import TRANSPARENT, Inline, append_text, local_name, read_html
from .unit_checks import refuse_unwritable_texts
from .units import RefusedUnit, UnitFaultError
from .xml_files import XML_LANG, put_on_lines, read_xml, write_xml

DATE_FORMAT = "%Y%m%dT%H%M%SZ"
ANY_LANGUAGE = "*all*"
# Each text of a <tu> is compared with the first one. The languages of the Union are half as many.
MAX_TEXTS_OF_UNIT = 50
CODE_TYPES = {"b": "bold", "i": "italic", "a": "link", "br": "lb"}


@dataclass(frozen=True)
class MemoryEntry:
    """A source text and its translation, as canonical HTML, with the dates of the pair to the second, in UTC."""

    source_language: str
    target_language: str
    source: str
    target: str
    created: datetime | None = None
    changed: datetime | None = None


@dataclass(frozen=True)
class ReadMemory:
    """The pairs of a memory that was read, and the entries that were refused."""

    entries: tuple[MemoryEntry, ...]
    refused: tuple[RefusedUnit, ...] = ()


def write(entries: Sequence[MemoryEntry]) -> bytes:
    """Return pairs as a TMX document. Raises ValidationError for a control character."""
    languages = {entry.source_language for entry in entries}
    root = etree.Element("tmx", {"version": "1.4"})
    header = {
        "creationtool": "cms",
        "creationtoolversion": "1",
        "segtype": "block",
        "o-tmf": "wagtail-localize",
        "adminlang": "en",
        "srclang": languages.pop() if len(languages) == 1 else ANY_LANGUAGE,
        "datatype": "html",
    }
    etree.SubElement(root, "header", header)
    body = etree.SubElement(root, "body")
    for entry in entries:
        refuse_unwritable_texts(entry.source, (entry.source, entry.target))
        unit = etree.SubElement(body, "tu", {"srclang": entry.source_language})
        for name, date in (("creationdate", entry.created), ("changedate", entry.changed)):
            if date:
                unit.set(name, date.astimezone(UTC).strftime(DATE_FORMAT))
        for language, html in ((entry.source_language, entry.source), (entry.target_language, entry.target)):
            variant = etree.SubElement(unit, "tuv", {XML_LANG: language})
            _write_segment(etree.SubElement(variant, "seg"), html)
    put_on_lines(root, frozenset(("seg",)))
    return write_xml(root)


def read(file: Readable, name: str) -> ReadMemory:
    """Return the pairs of a TMX document: one for each target of a <tu>.

    The source is the text in the `srclang` of the <tu> or of the header; without one, the first text. Raises
    ValidationError if the file is refused: see `read_xml`, and for more pairs than TRANSLATION_FILE_MAX_UNITS.
    """
    root = read_xml(file, name)
    if root.tag != "tmx":
        raise ValidationError(_("“%(name)s” is not a TMX file.") % {"name": name})
    header = root.find("header")
    language = ANY_LANGUAGE if header is None else header.get("srclang", ANY_LANGUAGE)
    entries: list[MemoryEntry] = []
    refused: list[RefusedUnit] = []
    for unit in root.iter("tu"):
        try:
            entries += _read_pairs(unit, unit.get("srclang", language))
        except UnitFaultError as error:
            source = "".join(text for segment in unit.iterfind("tuv/seg") for text in segment.itertext())
            refused.append(RefusedUnit(unit.sourceline or 1, "", shortened(source), str(error)))
        refuse_surplus_units(name, len(entries) + len(refused))
    return ReadMemory(tuple(entries), tuple(refused))


def _write_segment(segment: etree._Element, html: str) -> None:
    for token in parse_html(html).tokens:
        if isinstance(token, str):
            append_text(segment, token)
            continue
        kind, values = "ph", {"x": str(token.number)}
        if token.kind == Code.OPEN:
            kind, values = "bpt", {"i": str(token.number), "x": str(token.number)}
        elif token.kind == Code.CLOSE:
            kind, values = "ept", {"i": str(token.number)}
        if token.kind != Code.CLOSE:
            values["type"] = CODE_TYPES.get(token.tag, f"x-{token.tag}")
        etree.SubElement(segment, kind, values).text = token.html


def _read_pairs(unit: etree._Element, source_language: str) -> list[MemoryEntry]:
    """Return the pairs of a <tu>.

    Raises UnitFaultError if it has no pair, too many texts, or a pair whose codes differ.
    """
    texts = []
    if sum(1 for _variant in unit.iterchildren("tuv")) > MAX_TEXTS_OF_UNIT:
        raise UnitFaultError(_("The pair has more than %(number)s texts.") % {"number": MAX_TEXTS_OF_UNIT})
    for variant in unit.iterchildren("tuv"):
        language, segment = variant.get(XML_LANG) or variant.get("lang", ""), variant.find("seg")
        html = "" if segment is None else _read_segment(segment)
        if language and html:
            texts.append((language, html))
    sources = [text for text in texts if source_language in (ANY_LANGUAGE, text[0]) or _same(source_language, text[0])]
    if not sources or len(texts) < 2:
        raise UnitFaultError(_("A text of the pair, or its language, is missing."))
    language, source = sources[0]
    pairs = []
    for target_language, target in texts:
        if _same(target_language, language):
            continue
        if fault := code_fault(source, target):
            raise UnitFaultError(fault)
        created, changed = (_date(unit.get(name, "")) for name in ("creationdate", "changedate"))
        pairs.append(MemoryEntry(language, target_language, source, target, created, changed))
    return pairs


def _read_segment(segment: etree._Element) -> str:
    """Return the canonical HTML of a segment, without codes if these are not all HTML and nested correctly."""
    markup = parse_html(read_html(segment, _inline))
    if markup.faults:
        markup = parse_html(read_html(segment, lambda code: TRANSPARENT if local_name(code) == "hi" else Inline()))
    return markup.html


def _inline(code: etree._Element) -> Inline:
    """Return the HTML of a code of ours; nothing for the code of another program."""
    if local_name(code) == "hi":
        return TRANSPARENT
    html = code.text or ""
    return Inline(html if TAG.fullmatch(html) else "")


def _same(language: str, other: str) -> bool:
    return language.lower() == other.lower()


def _date(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None

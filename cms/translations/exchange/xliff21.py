"""XLIFF 2.1 (OASIS Standard, 2018; also 2.0): one <file> per translation, one <unit> with one <segment> per unit.

Inline codes are <pc> and <ph>; `originalData` has their HTML. The Translation Candidates module (mtc) has the former
texts of an outdated unit, the Size and Length Restriction module (slr) the limit, and the Metadata module (mda) the
source revision.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

from .incoming_files import Readable
from .inline_codes import Code, shortened
from .inline_xml import TRANSPARENT, Inline, fill_pair, local_name, pair_of_code, read_html
from .unit_checks import UnitCollector, checked_files, order_of, refuse_incomplete, refuse_unwritable
from .units import ExchangeFile, ReadFile, Unit, UnitFaultError, UnitState
from .xml_files import XML_SPACE, put_on_lines, read_xml, write_xml

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
MATCHES = "urn:oasis:names:tc:xliff:matches:2.0"
METADATA = "urn:oasis:names:tc:xliff:metadata:2.0"
SIZES = "urn:oasis:names:tc:xliff:sizerestriction:2.0"
X, MTC, MDA, SLR = f"{{{NAMESPACE}}}", f"{{{MATCHES}}}", f"{{{METADATA}}}", f"{{{SIZES}}}"

SEGMENT_ID = "s1"
PREVIOUS_VERSION = "cms:previous-version"
SOURCE_REVISION = "source-revision"
NEEDS_EDITING = "cms:needs-editing"
CODE_POINTS = "xliff:codepoints"

WRITTEN_STATES = {
    UnitState.UNTRANSLATED: "initial",
    UnitState.NEEDS_EDITING: "initial",
    UnitState.TRANSLATED: "translated",
    UnitState.APPROVED: "reviewed",
}
# The default of the specification is "initial": a program that sets a target and knows states sets another one.
READ_STATES = {
    "initial": UnitState.NEEDS_EDITING,
    "translated": UnitState.TRANSLATED,
    "reviewed": UnitState.APPROVED,
    "final": UnitState.APPROVED,
}
# Values of subState, after the prefix of the program, that ask for work.
UNFINISHED = frozenset(("needs-editing", "needs-review", "needs-translation", "draft", "fuzzy", "rejected"))
RANKS = (UnitState.NEEDS_EDITING, UnitState.TRANSLATED, UnitState.APPROVED)
SUBTYPES = {"b": "xlf:b", "i": "xlf:i", "br": "xlf:lb"}


def write(files: Sequence[ExchangeFile]) -> bytes:
    """Return translations of one language pair as one XLIFF 2.1 document.

    Raises ValidationError for a control character, and ValueError for two language pairs, no translation, or two units
    with the same order.
    """
    if len({(file.source_language, file.target_language) for file in files}) != 1:
        raise ValueError("An XLIFF 2.1 document has one language pair.")
    root = etree.Element(
        f"{X}xliff",
        {"version": "2.1", "srcLang": files[0].source_language, "trgLang": files[0].target_language},
        nsmap={None: NAMESPACE, "mtc": MATCHES, "mda": METADATA, "slr": SIZES},
    )
    for file in files:
        refuse_unwritable(file)
        element = etree.SubElement(root, f"{X}file", {"id": file.translation_id, "original": file.title})
        metadata = etree.SubElement(etree.SubElement(element, f"{MDA}metadata"), f"{MDA}metaGroup")
        etree.SubElement(metadata, f"{MDA}meta", {"type": SOURCE_REVISION}).text = file.source_revision
        if any(unit.max_length is not None for unit in file.units):
            etree.SubElement(element, f"{SLR}profiles", {"generalProfile": CODE_POINTS})
        for unit in file.units:
            _write_unit(element, unit)
        if not file.units:
            etree.SubElement(element, f"{X}group", {"id": "g1"})  # a file has a unit or a group
    texts = [f"{X}{name}" for name in ("source", "target", "note", "data")]
    put_on_lines(root, frozenset((*texts, f"{MDA}meta")))
    return write_xml(root)


def read(file: Readable, name: str, translation_ids: Collection[str] | None = None) -> tuple[ReadFile, ...]:
    """Return the translations of an XLIFF 2.0 or 2.1 document, with the units that were refused.

    Raises ValidationError if the file is refused: see `read_xml` and `checked_files`, and for a unit that is there
    twice.
    """
    return read_root(read_xml(file, name), name, translation_ids)


def read_root(root: etree._Element, name: str, translation_ids: Collection[str] | None = None) -> tuple[ReadFile, ...]:
    """Return the same from the root element of a parsed document. Raises ValidationError as `read` does."""
    if root.tag != f"{X}xliff":
        raise ValidationError(_("“%(name)s” is not an XLIFF 2.0 or 2.1 file.") % {"name": name})
    return checked_files(
        name, [_read_file(element, name) for element in root.iterchildren(f"{X}file")], translation_ids
    )


def _write_unit(parent: etree._Element, unit: Unit) -> None:
    values = {"id": f"u{unit.order}", "name": unit.context, "canResegment": "no", XML_SPACE: "preserve"}
    element = etree.SubElement(parent, f"{X}unit", values)
    if unit.max_length is not None:
        element.set(f"{SLR}sizeRestriction", str(unit.max_length))
    if unit.former_source:
        values = {"ref": f"#{SEGMENT_ID}", "type": "other", "subType": PREVIOUS_VERSION}
        former = etree.SubElement(etree.SubElement(element, f"{MTC}matches"), f"{MTC}match", values)
        _write_texts(former, former, unit.former_source, unit.former_target, has_target=True)
    if unit.note:
        etree.SubElement(etree.SubElement(element, f"{X}notes"), f"{X}note").text = unit.note
    segment = etree.Element(f"{X}segment", {"id": SEGMENT_ID, "state": WRITTEN_STATES[unit.state]})
    if unit.state is UnitState.NEEDS_EDITING:
        segment.set("subState", NEEDS_EDITING)
    _write_texts(element, segment, unit.source, unit.target, has_target=bool(unit.target))
    element.append(segment)


def _write_texts(holder: etree._Element, parent: etree._Element, source: str, target: str, has_target: bool) -> None:
    """Append the original data of the codes to `holder`, and the texts to `parent`."""
    data: dict[str, str] = {}
    original = etree.SubElement(holder, f"{X}originalData")
    texts = etree.SubElement(parent, f"{X}source"), etree.SubElement(parent, f"{X}target") if has_target else None
    fill_pair(*texts, (source, target), _maker(data))
    for html, data_id in data.items():
        etree.SubElement(original, f"{X}data", {"id": data_id}).text = html
    if not data:
        holder.remove(original)


def _maker(data: dict[str, str]) -> Callable[[etree._Element, Code, str], etree._Element]:
    """Return the function that makes the element of a code, and adds the code's HTML to the original data."""

    def make(parent: etree._Element, code: Code, code_id: str) -> etree._Element:
        def reference(html: str) -> str:
            return data.setdefault(html, f"d{len(data) + 1}")

        values = {"id": code_id, "canCopy": "no", "canDelete": "no", "type": "link" if code.tag == "a" else "fmt"}
        if code.tag in SUBTYPES:
            values["subType"] = SUBTYPES[code.tag]
        if code.kind == Code.EMPTY:
            return etree.SubElement(parent, f"{X}ph", values | {"dataRef": reference(code.html)})
        ends = {"dataRefStart": reference(code.html), "dataRefEnd": reference(f"</{code.tag}>")}
        return etree.SubElement(parent, f"{X}pc", values | ends)

    return make


def _read_file(element: etree._Element, name: str) -> ReadFile:
    root = element.getparent()
    collector = UnitCollector(name)
    for unit in element.iter(f"{X}unit"):
        text = "".join(part for source in unit.iterfind(f"{X}segment/{X}source") for part in source.itertext())
        unit_id, context = unit.get("id", ""), unit.get("name", "")
        collector.add(unit.sourceline, unit_id, context, text, partial(_read_unit, unit))
    revisions = [meta.text or "" for meta in element.iter(f"{MDA}meta") if meta.get("type") == SOURCE_REVISION]
    content = ExchangeFile(
        translation_id=element.get("id", ""),
        title=element.get("original", ""),
        source_language=root.get("srcLang", ""),
        target_language=root.get("trgLang", ""),
        source_revision="".join(revisions[:1]),
        units=tuple(collector.units),
    )
    return ReadFile(content, tuple(collector.refused))


def _read_unit(element: etree._Element) -> Unit:
    order = order_of(element.get("id", ""))
    source, target, state = _read_segments(element)
    former_source, former_target = _former_texts(element)
    refuse_incomplete(element.get("name", ""), source)
    return Unit(
        context=element.get("name", ""),
        order=order,
        source=source,
        target=target,
        state=state,
        former_source=former_source,
        former_target=former_target,
        note="\n".join(note.text for note in element.iterfind(f"{X}notes/{X}note") if note.text),
        max_length=_max_length(element),
    )


def _former_texts(element: etree._Element) -> tuple[str, str]:
    """Return the former source and target, which are for information; "" if they are missing or damaged."""
    for match in element.iterfind(f"{MTC}matches/{MTC}match"):
        if match.get("subType") == PREVIOUS_VERSION:
            codes = _Codes(match)
            try:
                source, target = codes.read(match, "source"), codes.read(match, "target")
            except UnitFaultError:
                break
            return source, target if source else ""
    return "", ""


def _max_length(element: etree._Element) -> int | None:
    text = element.get(f"{SLR}sizeRestriction", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _read_segments(element: etree._Element) -> tuple[str, str, UnitState]:
    """Return source, target and state of a unit, whose segments a program may have split.

    One untranslated segment makes the unit untranslated. Of several states, the one that asks for most work counts.
    A blank target, or a copy of the source that a program has put there for the translator, is no translation.
    """
    codes = _Codes(element)
    sources, targets, states = [], [], []
    for part in element.iterchildren(f"{X}segment", f"{X}ignorable"):
        source, target = codes.read(part, "source"), codes.read(part, "target")
        sources.append(source)
        if part.tag == f"{X}ignorable":
            targets.append(target or source)
            continue
        found = part.find(f"{X}target")
        if found is not None and found.get("order"):
            raise UnitFaultError(_("The segments are in another order than in the original."))
        is_blank = source.strip() and not target.strip()
        is_copy = target == source and not part.get("subState") and part.get("state", "initial") == "initial"
        targets.append(target)
        states.append(UnitState.UNTRANSLATED if is_blank or is_copy else _state(part))
    if not states or UnitState.UNTRANSLATED in states or not "".join(targets).strip():
        return "".join(sources), "", UnitState.UNTRANSLATED
    return "".join(sources), "".join(targets), min(states, key=RANKS.index)


def _state(segment: etree._Element) -> UnitState:
    state = READ_STATES.get(segment.get("state", "initial"), UnitState.NEEDS_EDITING)
    is_unfinished = segment.get("subState", "").rpartition(":")[2].lower() in UNFINISHED
    return UnitState.NEEDS_EDITING if is_unfinished else state


class _Codes:
    """The inline codes of one unit or match, by id."""

    def __init__(self, holder: etree._Element) -> None:
        found = holder.iterfind(f"{X}originalData/{X}data")
        self._data = {data.get("id", ""): "".join(data.itertext()) for data in found}
        self._codes: dict[str, Inline] = {}

    def read(self, parent: etree._Element, name: str) -> str:
        """Return the HTML of the source or the target of a segment or match; "" if it is missing."""
        element = parent.find(f"{X}{name}")
        return "" if element is None else read_html(element, self._inline)

    def _inline(self, code: etree._Element) -> Inline:
        kind, code_id = local_name(code), code.get("id", "")
        if kind == "mrk":
            return TRANSPARENT
        if kind in ("sm", "em"):
            return Inline()
        if kind == "pc":
            return self._known(code_id, code.get("dataRefStart", ""))
        if kind == "ph":
            return self._known(code_id, code.get("dataRef", ""))
        if kind == "sc":
            return Inline(self._known(code_id, code.get("dataRef", "")).before)
        if kind == "ec":
            return Inline(self._known(code.get("startRef", ""), "").after)
        # Also <cp>: it stands for a character that is not allowed in XML, and nowhere in a text.
        values = {"code": f"<{shortened(kind)}>"}
        raise UnitFaultError(_("The inline code %(code)s is not one of this site.") % values)

    def _known(self, code_id: str, data_id: str) -> Inline:
        """Return the HTML of a code: that of the code with the same id, or of its own data."""
        if code_id not in self._codes:
            self._codes[code_id] = pair_of_code(self._data.get(data_id, ""))
        return self._codes[code_id]

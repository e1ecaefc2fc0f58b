"""XLIFF 1.2 (OASIS Standard, 2008): one <file> per translation, one <trans-unit> per unit.

Inline codes are <g> and <x/>; `equiv-text` of the source has their HTML. `approved` and `state` carry the state. The
former texts of an outdated unit are an <alt-trans> of the type "previous-version".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
X = f"{{{NAMESPACE}}}"
PREVIOUS_VERSION = "previous-version"

WRITTEN_STATES = {
    UnitState.NEEDS_EDITING: "needs-review-translation",
    UnitState.TRANSLATED: "translated",
    UnitState.APPROVED: "signed-off",
}
# A target without a state, or with a program's own one ("x-…"), is translated.
READ_STATES = {
    "new": UnitState.NEEDS_EDITING,
    "needs-translation": UnitState.NEEDS_EDITING,
    "needs-adaptation": UnitState.NEEDS_EDITING,
    "needs-l10n": UnitState.NEEDS_EDITING,
    "needs-review-translation": UnitState.NEEDS_EDITING,
    "needs-review-adaptation": UnitState.NEEDS_EDITING,
    "needs-review-l10n": UnitState.NEEDS_EDITING,
    "signed-off": UnitState.APPROVED,
    "final": UnitState.APPROVED,
}
UNBEGUN = frozenset(("new", "needs-translation"))
INLINE_TYPES = {"b": "bold", "i": "italic", "a": "link", "br": "lb"}


def write(files: Sequence[ExchangeFile]) -> bytes:
    """Return translations as one XLIFF 1.2 document.

    Raises ValidationError for a control character, and ValueError for two units with the same order.
    """
    root = etree.Element(f"{X}xliff", {"version": "1.2"}, nsmap={None: NAMESPACE})
    for file in files:
        refuse_unwritable(file)
        element = etree.SubElement(
            root,
            f"{X}file",
            {
                "original": file.translation_id,
                "source-language": file.source_language,
                "target-language": file.target_language,
                "datatype": "html",
                "product-name": file.title,
                "product-version": file.source_revision,
            },
        )
        body = etree.SubElement(element, f"{X}body")
        for unit in file.units:
            _write_unit(body, unit)
    put_on_lines(root, frozenset(f"{X}{name}" for name in ("source", "target", "note")))
    return write_xml(root)


def read(file: Readable, name: str, translation_ids: Collection[str] | None = None) -> tuple[ReadFile, ...]:
    """Return the translations of an XLIFF 1.2 document, with the units that were refused.

    Raises ValidationError if the file is refused: see `read_xml` and `checked_files`, and for a unit that is there
    twice.
    """
    return read_root(read_xml(file, name), name, translation_ids)


def read_root(root: etree._Element, name: str, translation_ids: Collection[str] | None = None) -> tuple[ReadFile, ...]:
    """Return the same from the root element of a parsed document. Raises ValidationError as `read` does."""
    if root.tag != f"{X}xliff":
        raise ValidationError(_("“%(name)s” is not an XLIFF 1.2 file.") % {"name": name})
    return checked_files(
        name, [_read_file(element, name) for element in root.iterchildren(f"{X}file")], translation_ids
    )


def _write_unit(body: etree._Element, unit: Unit) -> None:
    element = etree.SubElement(
        body, f"{X}trans-unit", {"id": f"u{unit.order}", "resname": unit.context, XML_SPACE: "preserve"}
    )
    if unit.state is UnitState.APPROVED:
        element.set("approved", "yes")
    if unit.max_length is not None:
        element.set("maxwidth", str(unit.max_length))
        element.set("size-unit", "char")
    source, target = etree.SubElement(element, f"{X}source"), None
    if unit.target:
        target = etree.SubElement(element, f"{X}target", {"state": WRITTEN_STATES[unit.state]})
    fill_pair(source, target, (unit.source, unit.target), _make_code)
    if unit.note:
        etree.SubElement(element, f"{X}note").text = unit.note
    if unit.former_source:
        former = etree.SubElement(element, f"{X}alt-trans", {"alttranstype": PREVIOUS_VERSION, XML_SPACE: "preserve"})
        pair = etree.SubElement(former, f"{X}source"), etree.SubElement(former, f"{X}target")
        fill_pair(*pair, (unit.former_source, unit.former_target), _make_code)


def _make_code(parent: etree._Element, code: Code, code_id: str) -> etree._Element:
    values = {
        "id": code_id,
        "ctype": INLINE_TYPES.get(code.tag, f"x-html-{code.tag}"),
        "clone": "no",
        "equiv-text": code.html,
    }
    return etree.SubElement(parent, f"{X}{'x' if code.kind == Code.EMPTY else 'g'}", values)


def _read_file(element: etree._Element, name: str) -> ReadFile:
    collector = UnitCollector(name)
    for unit in element.iter(f"{X}trans-unit"):
        source = unit.find(f"{X}source")
        text = "" if source is None else "".join(source.itertext())
        unit_id, context = unit.get("id", ""), unit.get("resname", "")
        collector.add(unit.sourceline, unit_id, context, text, partial(_read_unit, unit))
    content = ExchangeFile(
        translation_id=element.get("original", ""),
        title=element.get("product-name", ""),
        source_language=element.get("source-language", ""),
        target_language=element.get("target-language", ""),
        source_revision=element.get("product-version", ""),
        units=tuple(collector.units),
    )
    return ReadFile(content, tuple(collector.refused))


def _read_unit(element: etree._Element) -> Unit:
    order = order_of(element.get("id", ""))
    source, target = _read_pair(element)
    refuse_incomplete(element.get("resname", ""), source)
    target, state = _settled(element, source, target)
    former_source, former_target = _former_texts(element)
    return Unit(
        context=element.get("resname", ""),
        order=order,
        source=source,
        target=target,
        state=state,
        former_source=former_source,
        former_target=former_target,
        note="\n".join(note.text for note in element.iterchildren(f"{X}note") if note.text),
        max_length=_max_length(element),
    )


def _settled(element: etree._Element, source: str, html: str) -> tuple[str, UnitState]:
    """Return target and state of a unit. Of contradicting attributes, the one that asks for work counts.

    A blank target, or a copy of the source that a program has put there for the translator, is no translation.
    """
    target = element.find(f"{X}target")
    stated = "" if target is None else target.get("state", "")
    if not html.strip() or (stated in UNBEGUN and html == source):
        return "", UnitState.UNTRANSLATED
    state = READ_STATES.get(stated, UnitState.TRANSLATED)
    if state is UnitState.TRANSLATED and element.get("approved") == "yes":
        return html, UnitState.APPROVED
    return html, state


def _former_texts(element: etree._Element) -> tuple[str, str]:
    """Return the former source and target, which are for information; "" if they are missing or damaged."""
    for former in element.iterchildren(f"{X}alt-trans"):
        if former.get("alttranstype") == PREVIOUS_VERSION:
            try:
                source, target = _read_pair(former)
            except UnitFaultError:
                break
            return source, target if source else ""
    return "", ""


def _max_length(element: etree._Element) -> int | None:
    text = element.get("maxwidth", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= 9
    return int(text) if is_number and element.get("size-unit") == "char" else None


def _read_pair(element: etree._Element) -> tuple[str, str]:
    """Return the source and the target of a unit or of an <alt-trans>; "" for one that is missing."""
    codes: dict[str, Inline] = {}
    source, target = element.find(f"{X}source"), element.find(f"{X}target")

    def inline_of_source(code: etree._Element) -> Inline:
        inline = _inline(code, codes={})
        codes[code.get("id", "")] = inline
        return inline

    original = "" if source is None else read_html(source, inline_of_source)
    return original, "" if target is None else read_html(target, lambda code: _inline(code, codes))


def _inline(code: etree._Element, codes: dict[str, Inline]) -> Inline:
    """Return the HTML of a code: that of the code with the same id in the source, or its own one."""
    kind = local_name(code)
    if kind == "mrk":
        return TRANSPARENT  # segments and remarks of Trados, memoQ and other programs
    if kind not in ("g", "x"):
        values = {"code": f"<{shortened(kind)}>"}
        raise UnitFaultError(_("The inline code %(code)s is not one of this site.") % values)
    return codes.get(code.get("id", "")) or pair_of_code(code.get("equiv-text", ""))

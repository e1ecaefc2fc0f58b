"""Reading and changing of XML parts of packed documents, measured before a tree is built."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable

from lxml import etree

from cms.media.inspection.refusal import DAMAGED, Refused

from .allowance import Allowance
from .xml_size import measure_xml

WIDE_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse(data: bytes, allowance: Allowance) -> etree._Element:
    """Return the root element of a part. Raises Refused."""
    allowance.build_tree(measure_xml(data, allowance))
    return _tree(data)


def root_name(data: bytes) -> str:
    """Return the name of the root element without its namespace; the rest is not read. Raises Refused."""
    try:
        for _event, root in etree.iterparse(io.BytesIO(data), ("start",), no_network=True, huge_tree=False):
            return etree.QName(root).localname
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(DAMAGED) from error
    raise Refused(DAMAGED)


def edited(
    data: bytes,
    allowance: Allowance,
    edit: Callable[[etree._Element], bool],
    has_traces: Callable[[bytes], bool] | None = None,
    without_tree: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return a part after an edit; the same bytes if `edit` returns False.

    `has_traces` returns True for each part that the edit changes. No tree is built of others, for a sheet
    may have a million cells. `without_tree` removes some traces from the bytes of a well-formed part first.
    Raises Refused.
    """
    nodes = measure_xml(data, allowance)
    if without_tree is not None and not data.startswith(WIDE_ENCODINGS):
        data = without_tree(data)
    if has_traces is not None and not has_traces(data) and not data.startswith(WIDE_ENCODINGS):
        return data
    allowance.build_tree(nodes)
    root = _tree(data)
    if not edit(root):
        return data
    changed: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
    return changed


def _tree(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(DAMAGED) from error

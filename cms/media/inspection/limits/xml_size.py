"""Measuring of XML parts while they are read as a stream, before a tree is built from them.

A tree takes 170 bytes of memory for each element and attribute, so that 1 MB of packed XML can take gigabytes.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from cms.media.inspection.refusal import DAMAGED, TOO_COMPLEX, Refused

from .allowance import Allowance

MAX_DEPTH = 256  # that of libxml2
MAX_ATTRIBUTES = 1_000  # of one element
MAX_NAMESPACES = 1_000  # that are in scope at one element
MAX_TOKEN = 10 << 20  # bytes of a tag with its attributes, or of a comment
CHUNK = 1 << 20


def measure_xml(data: bytes, allowance: Allowance) -> int:
    """Return the number of elements and attributes of an XML part.

    Raises Refused for a part that is not well-formed or declares entities, which no office format has, and for one that
    is larger or nested more deeply than is accepted. Memory does not grow with the part.
    """
    return _Measuring(allowance).nodes_of(data)


class _Measuring:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._depth = self._namespaces = self._nodes = self._uncounted = 0
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartNamespaceDeclHandler = self._start_namespace
        parser.EndNamespaceDeclHandler = self._end_namespace
        parser.EntityDeclHandler = self._refuse_entity

    def nodes_of(self, data: bytes) -> int:
        try:
            for start in range(0, len(data), CHUNK):
                self._parser.Parse(data[start : start + CHUNK], False)
                self._count()
                if start + CHUNK - self._parser.CurrentByteIndex > MAX_TOKEN:
                    raise Refused(TOO_COMPLEX)
            self._parser.Parse(b"", True)
            self._count()
        except (expat.ExpatError, ValueError, LookupError) as error:  # The last two: an unknown encoding.
            raise Refused(DAMAGED) from error
        return self._nodes

    def _count(self) -> None:
        self._allowance.read_nodes(self._uncounted)
        self._nodes += self._uncounted
        self._uncounted = 0

    def _start(self, _name: str, attributes: list[str]) -> None:
        self._depth += 1
        self._uncounted += 1 + len(attributes) // 2
        if self._depth > MAX_DEPTH or len(attributes) > 2 * MAX_ATTRIBUTES:
            raise Refused(TOO_COMPLEX)

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _start_namespace(self, _prefix: str | None, _address: str | None) -> None:
        self._uncounted += 1
        self._namespaces += 1
        if self._namespaces > MAX_NAMESPACES:
            raise Refused(TOO_COMPLEX)

    def _end_namespace(self, _prefix: str | None) -> None:
        self._namespaces -= 1

    def _refuse_entity(self, *_declaration: Any) -> None:
        raise Refused(DAMAGED)

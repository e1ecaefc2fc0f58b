"""The sum of what all files inside one uploaded file may unpack to and hold."""

from __future__ import annotations

from cms.media.inspection.refusal import TOO_COMPLEX, TOO_LARGE_UNPACKED, Refused

MAX_UNPACKED = 200 << 20  # bytes
MAX_MEMBERS = 10_000
MAX_NODES = 6_000_000  # elements and attributes of XML
MAX_TREE_NODES = 1_500_000  # of one part that is changed, for which a tree is built: 170 bytes each
MAX_CHANGED_NODES = 3_000_000  # of all parts that are changed


class Allowance:
    """Counts bytes, members and nodes before they are made. One object counts for a file and all files inside it."""

    def __init__(self) -> None:
        self._unpacked = self._members = self._nodes = self._changed = 0

    def unpack(self, size: int, members: int = 1) -> None:
        """Count `size` bytes that are unpacked next. Raises Refused for more than all parts may have."""
        self._unpacked += size
        self._members += members
        if self._unpacked > MAX_UNPACKED or self._members > MAX_MEMBERS:
            raise Refused(TOO_LARGE_UNPACKED)

    def read_nodes(self, number: int) -> None:
        """Count elements and attributes that were read. Raises Refused."""
        self._nodes += number
        if self._nodes > MAX_NODES:
            raise Refused(TOO_COMPLEX)

    def build_tree(self, nodes: int) -> None:
        """Count the nodes of a tree that is built next. Raises Refused."""
        self._changed += nodes
        if nodes > MAX_TREE_NODES or self._changed > MAX_CHANGED_NODES:
            raise Refused(TOO_COMPLEX)

"""The XML members of an office file and their relationships (ISO/IEC 29500-2)."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from cms.media.inspection.limits.allowance import MAX_MEMBERS, MAX_UNPACKED, Allowance
from cms.media.inspection.limits.xml_size import measure_xml
from cms.media.inspection.refusal import Refused

MAX_TREE_NODES = 2_500_000  # elements and attributes of a member


class UnreadableContent(Exception):
    """Raised when no text can be extracted from the file; the message says why."""


class Package:
    """The XML members of an office file."""

    def __init__(self, data: bytes) -> None:
        """Open the archive. Raises UnreadableContent for one with too many or too large members.

        The declared sizes suffice: zipfile reads no more than a member declares.
        """
        self._archive = zipfile.ZipFile(BytesIO(data))
        members = self._archive.infolist()
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
            raise UnreadableContent("it holds more than is read of a packed file")
        self._members = {member.filename for member in members}
        self._allowance = Allowance()

    def tree(self, name: str) -> Any:
        """Return the root element of a member, which is measured before.

        Raises KeyError, and UnreadableContent for a document type and for more than is read of one file.
        """
        from lxml import etree

        content = self.content(name)
        try:
            nodes = measure_xml(content, self._allowance)
        except Refused as refused:
            raise UnreadableContent(f"its part {name!r} is {refused.reason}") from refused
        if nodes > MAX_TREE_NODES:
            raise UnreadableContent(f"its part {name!r} has more elements than are read")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
        root = etree.fromstring(content, parser)
        if root.getroottree().docinfo.doctype:
            raise UnreadableContent("it declares a document type")
        return root

    def content(self, name: str) -> bytes:
        """Return the bytes of a member. Raises KeyError, and UnreadableContent for more than is read of one file."""
        try:
            self._allowance.unpack(self._archive.getinfo(name).file_size, members=0)
        except Refused as refused:
            raise UnreadableContent(f"its part {name!r} is {refused.reason}") from refused
        return self._archive.read(name)

    def has(self, name: str) -> bool:
        return name in self._members

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """Return (kind, member) of each internal relationship of a member, by id; of the package for ""."""
        folder, base = posixpath.split(name)
        relations = posixpath.join(folder, "_rels", f"{base}.rels")
        if not self.has(relations):
            return {}
        return {
            each.get("Id", ""): (each.get("Type", "").rpartition("/")[2], _member(folder, each.get("Target", "")))
            for each in self.tree(relations)
            if each.get("TargetMode") != "External"
        }

    def media_type(self, name: str) -> str:
        """Return the media type of a member without parameters, "" if the package does not say it."""
        extension = name.rpartition(".")[2].lower()
        declared = {"Default": "", "Override": ""}
        for each in self.tree("[Content_Types].xml") if self.has("[Content_Types].xml") else ():
            element = str(each.tag).rpartition("}")[2]
            if each.get("PartName") == f"/{name}" or each.get("Extension", "").lower() == extension:
                declared[element] = each.get("ContentType", "").partition(";")[0].strip().lower()
        return declared["Override"] or declared["Default"]

    def members(self, name: str, *kinds: str) -> list[str]:
        """Return the members to which a member is related by one of the kinds, in the order of their names."""
        return sorted({target for kind, target in self.related(name).values() if kind in kinds and self.has(target)})

    def main(self) -> str:
        """Return the main member; raise UnreadableContent if the package has none."""
        for member in self.members("", "officeDocument"):
            return member
        raise UnreadableContent("it has no main document")


def related_member(element: Any, related: Mapping[str, tuple[str, str]]) -> str:
    """Return the member to which the `r:id` of an element refers, "" for none."""
    identifier = next((value for key, value in element.items() if key.endswith("}id")), "")
    return related.get(identifier, ("", ""))[1]


def relationship_ids(element: Any) -> set[str]:
    """Return the ids of relationships that the attributes of an element name."""
    return {value for key, value in element.items() if key.rpartition("}")[0].endswith("/relationships")}


def target_folder(element: Any) -> str:
    """Return the folder of the document to which an element of an OpenDocument file refers."""
    return next((value for key, value in element.items() if key.endswith("}href")), "").removeprefix("./")


def _member(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))

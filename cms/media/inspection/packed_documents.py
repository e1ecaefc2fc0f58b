"""Opening of ZIP archives and of documents that are packed as one (OOXML, ECMA-376; ODF 1.3), without their authors."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from .picture_metadata import without_metadata
from .refusal import DAMAGED, ENCRYPTED, MACROS, OTHER_KIND, TOO_LARGE_UNPACKED, Refused

MAX_UNPACKED = 200 << 20
MAX_MEMBERS = 10_000
MAX_RATIO = 200  # unpacked bytes for each packed byte of a member above 1 MB
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # older Office files, and encrypted OOXML

OOXML_MAIN = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
ODF_TYPES = {
    "odp": b"application/vnd.oasis.opendocument.presentation",
    "ods": b"application/vnd.oasis.opendocument.spreadsheet",
    "odt": b"application/vnd.oasis.opendocument.text",
}
# Parts that only describe the file and its authors. Their relationships and content types are removed with them.
OOXML_REMOVED = re.compile(r"docProps/|customXml/")
ODF_REMOVED = re.compile(r"Thumbnails/|meta\.xml$")
ODF_META = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta'
    b' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"><office:meta/>'
    b"</office:document-meta>"
)
PICTURES = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "gif": "gif", "webp": "webp"}
AUTHOR_ATTRIBUTES = frozenset(("author", "initials", "userName"))
# Parts that list people, and their attributes; elsewhere `name` and `displayName` are names of other things.
PEOPLE = re.compile(r"word/people\.xml$|xl/persons/|ppt/commentAuthors\.xml$|ppt/authors\.xml$")
PEOPLE_ATTRIBUTES = AUTHOR_ATTRIBUTES | {"displayName", "name", "providerId", "userId"}
# Elements with the name of a person: ODF annotations and changes, comments of spreadsheets.
AUTHOR_ELEMENTS = frozenset(("creator", "sender-initials", "creator-initials", "author"))
REMOVED_ELEMENTS = frozenset(("absPath", "attachedTemplate", "fileSharing", "rsids"))
# Settings of LibreOffice that name the printer, and with it often the office.
PRINTER_SETTINGS = frozenset(("PrinterName", "PrinterSetup"))
ANONYMOUS = "-"
# Revision identifiers, by which versions of a document and the work of one person can be told apart.
REVISION_ATTRIBUTE = re.compile(r"rsid")


def inspect_archive(path: Path) -> dict[str, Any]:
    """Read all members of a ZIP archive. Its members keep what they hold. Raises Refused."""
    with _opened(path) as archive:
        if not archive.infolist():
            raise Refused(DAMAGED)
        for member in archive.infolist():
            _read(archive, member)
    return {"changed": False}


def inspect_ooxml(path: Path, extension: str) -> dict[str, Any]:
    """Read all parts of a DOCX, PPTX or XLSX, and remove its metadata. Raises Refused."""
    with _opened(path) as archive:
        parts = {member.filename: _read(archive, member) for member in archive.infolist() if not member.is_dir()}
    if "[Content_Types].xml" not in parts or "_rels/.rels" not in parts:
        raise Refused(OTHER_KIND)
    types = {each.get("ContentType", "") for each in _parse(parts["[Content_Types].xml"])}
    if any("macroEnabled" in each for each in types) or any("vbaProject" in name for name in parts):
        raise Refused(MACROS)
    if OOXML_MAIN[extension] not in types:
        raise Refused(OTHER_KIND)
    return _rewritten(path, parts, _without_ooxml_metadata(parts))


def inspect_odf(path: Path, extension: str) -> dict[str, Any]:
    """Read all parts of an ODT, ODS or ODP, and remove its metadata. Raises Refused."""
    with _opened(path) as archive:
        parts = {member.filename: _read(archive, member) for member in archive.infolist() if not member.is_dir()}
    if parts.get("mimetype", b"").strip() != ODF_TYPES[extension] or "content.xml" not in parts:
        raise Refused(OTHER_KIND)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Refused(ENCRYPTED)
    if any(_is_odf_macro(name) for name in parts):
        raise Refused(MACROS)
    clean = {}
    for name, data in parts.items():
        if name == "meta.xml":
            clean[name] = ODF_META
        elif name == "META-INF/manifest.xml":
            clean[name] = _edited(data, _remove_thumbnails)
        elif not ODF_REMOVED.match(name):
            clean[name] = _clean_part(name, data)
    return _rewritten(path, parts, clean)


def _opened(path: Path) -> zipfile.ZipFile:
    with path.open("rb") as stream:
        beginning = stream.read(8)
    if beginning == OLE_SIGNATURE:
        raise Refused(ENCRYPTED)
    if not beginning.startswith(b"PK"):
        raise Refused(OTHER_KIND)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refused(DAMAGED) from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refused(TOO_LARGE_UNPACKED)
    for member in members:
        if member.flag_bits & 1:
            raise Refused(ENCRYPTED)
        if member.file_size > 1 << 20 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise Refused(TOO_LARGE_UNPACKED)
    return archive


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(member)  # At most the declared size; the checksum is compared.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Refused(DAMAGED) from error


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(DAMAGED) from error
    declaration = root.getroottree().docinfo.internalDTD
    if declaration is not None and any(True for _entity in declaration.iterentities()):  # Both formats have none.
        raise Refused(DAMAGED)
    return root


def _edited(data: bytes, edit: Callable[[etree._Element], bool]) -> bytes:
    """Return an XML part after an edit; the same bytes if `edit` returns False."""
    root = _parse(data)
    if not edit(root):
        return data
    edited: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
    return edited


def _without_ooxml_metadata(parts: dict[str, bytes]) -> dict[str, bytes]:
    removed = {name for name in parts if OOXML_REMOVED.match(name)}
    clean = {}
    for name, data in parts.items():
        if name in removed:
            continue
        if name == "[Content_Types].xml":
            data = _edited(data, lambda root: _remove_types(root, removed))
        elif name.endswith(".rels"):
            folder = name.rpartition("_rels/")[0]
            data = _edited(data, partial(_remove_relationships, folder=folder, removed=removed))
        else:
            data = _clean_part(name, data)
        clean[name] = data
    return clean


def _remove_types(root: etree._Element, removed: set[str]) -> bool:
    return _remove(root, [each for each in root if (each.get("PartName") or "").lstrip("/") in removed])


def _remove_relationships(root: etree._Element, folder: str, removed: set[str]) -> bool:
    return _remove(root, [each for each in root if _is_removed_relationship(each, folder, removed)])


def _is_removed_relationship(relationship: etree._Element, folder: str, removed: set[str]) -> bool:
    if relationship.get("TargetMode") == "External":  # The address of a template is a path on the author's machine.
        return (relationship.get("Type") or "").endswith("/attachedTemplate")
    return _resolved(folder, relationship.get("Target") or "") in removed


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    steps: list[str] = []
    for step in (folder + target).split("/"):
        if step == ".." and steps:
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def _remove_thumbnails(root: etree._Element) -> bool:
    return _remove(root, [each for each in root if any("Thumbnails/" in str(value) for value in each.attrib.values())])


def _remove(root: etree._Element, elements: list[etree._Element]) -> bool:
    for element in elements:
        root.remove(element)
    return bool(elements)


def _clean_part(name: str, data: bytes) -> bytes:
    """Return a part without the names of authors. Pictures lose their metadata; one that cannot be read is kept."""
    extension = name.rpartition(".")[2].lower()
    if extension in PICTURES:
        try:
            return without_metadata(PICTURES[extension], data)
        except Refused:
            return data
    if extension == "xml" and data:  # LibreOffice writes an empty part for its key bindings.
        attributes = PEOPLE_ATTRIBUTES if PEOPLE.match(name) else AUTHOR_ATTRIBUTES
        return _edited(data, lambda root: _remove_authors(root, attributes))
    return data


def _remove_authors(root: etree._Element, attributes: frozenset[str]) -> bool:
    is_changed = False
    for element in list(root.iter(etree.Element)):
        local, parent = etree.QName(element).localname, element.getparent()
        if parent is not None and (local in REMOVED_ELEMENTS or PRINTER_SETTINGS & set(element.attrib.values())):
            parent.remove(element)
            is_changed = True
            continue
        if local in AUTHOR_ELEMENTS and _names_a_person(element) and element.text != ANONYMOUS:
            element.text, is_changed = ANONYMOUS, True
        for key, value in element.attrib.items():
            attribute = etree.QName(key).localname
            if attribute in attributes and value != ANONYMOUS:
                element.set(key, ANONYMOUS)
                is_changed = True
            elif REVISION_ATTRIBUTE.match(attribute):
                del element.attrib[key]
                is_changed = True
    return is_changed


def _names_a_person(element: etree._Element) -> bool:
    """Return True for an author of a comment or a change, not for a bibliography's or a field's text."""
    namespace = etree.QName(element).namespace or ""
    parent = element.getparent()
    container = etree.QName(parent).localname if parent is not None else ""
    return "purl.org/dc" in namespace or "opendocument" in namespace or container == "authors"


def _is_odf_macro(name: str) -> bool:
    is_basic = name.startswith("Basic/") and name.count("/") > 1
    is_index = name.endswith(("/script-lb.xml", "/dialog-lb.xml"))
    return (is_basic and not is_index) or name.startswith("Scripts/")


def _rewritten(path: Path, parts: dict[str, bytes], clean: dict[str, bytes]) -> dict[str, Any]:
    """Write the archive again if a part changed, with equal dates; `mimetype` stays first and unpacked (ODF)."""
    with zipfile.ZipFile(path) as archive:
        is_dated = any(member.date_time != (1980, 1, 1, 0, 0, 0) for member in archive.infolist())
        has_comments = bool(archive.comment) or any(member.extra or member.comment for member in archive.infolist())
    if parts == clean and not is_dated and not has_comments:
        return {"changed": False}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in clean.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    path.write_bytes(written.getvalue())
    return {"changed": True}

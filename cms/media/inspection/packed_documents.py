"""Opening of ZIP archives and of packed documents (OOXML, ECMA-376; ODF 1.3), without authors, and of files inside."""

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

from . import isobmff, matroska
from .metafiles import without_metafile_metadata
from .picture_metadata import picture_kind, without_metadata
from .refusal import (
    DAMAGED,
    ENCRYPTED,
    MACROS,
    NO_PICTURE,
    OTHER_KIND,
    TOO_LARGE_UNPACKED,
    UNPLAYABLE,
    Refused,
)

MAX_UNPACKED = 200 << 20
MAX_DEPTH = 3  # of office files inside office files
# Reasons for which an embedded file stays as it is: the document can be opened all the same.
HARMLESS = frozenset((DAMAGED, ENCRYPTED, NO_PICTURE, OTHER_KIND, UNPLAYABLE))
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
OOXML_ROOTS = {"docx": "document", "pptx": "presentation", "xlsx": "workbook"}
# Parts that only describe the file, its authors and their machines, former versions of it, and signatures, which a
# change ends. Their relationships and content types are removed with them.
OOXML_REMOVED = re.compile(
    r"docProps/|docMetadata/|customXml/|userCustomization/|_xmlsignatures/|xl/revisions/|ppt/changesInfos/"
    r"|ppt/revisionInfo\.xml$|(?:word|xl|ppt)/printerSettings/"
)
ODF_REMOVED = re.compile(r"(?:.*/)?Thumbnails/|Versions/|VersionList\.xml$|META-INF/\w*signatures\.xml$|manifest\.rdf$")
ODF_META = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta'
    b' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"><office:meta/>'
    b"</office:document-meta>"
)
AUTHOR_ATTRIBUTES = frozenset(("author", "initials", "userName"))
# Parts that list people, and their attributes; elsewhere `name` and `displayName` are names of other things.
PEOPLE = re.compile(r"word/people\.xml$|xl/persons/|ppt/commentAuthors\.xml$|ppt/authors\.xml$")
PEOPLE_ATTRIBUTES = AUTHOR_ATTRIBUTES | {"displayName", "name", "providerId", "userId"}
# Elements with the name of a person: ODF annotations and changes, comments of spreadsheets.
AUTHOR_ELEMENTS = frozenset(("creator", "sender-initials", "creator-initials", "author"))
REMOVED_ELEMENTS = frozenset(("absPath", "attachedTemplate", "docVars", "fileSharing", "printerSettings", "rsids"))
# Programs that draw write the folder of the author into pictures.
SVG_NAMESPACES = ("inkscape.org", "sodipodi")
# Settings of LibreOffice that name the printer, and with it often the office.
PRINTER_SETTINGS = frozenset(("PrinterName", "PrinterSetup"))
ANONYMOUS = "-"
MACRO_TYPE = re.compile("macro|vba", re.IGNORECASE)
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
        parts = _parts_of(archive)
    if "[Content_Types].xml" not in parts or "_rels/.rels" not in parts:
        raise Refused(OTHER_KIND)
    types = _ooxml_types(parts)
    if OOXML_MAIN[extension] not in types:
        raise Refused(OTHER_KIND)
    names = {name.lower(): name for name in parts}  # Names of parts are not case-sensitive (ECMA-376, part 2).
    main = names.get(next(iter(_related(parts, "", "officeDocument")), "").lower())
    if main is None or etree.QName(_parse(parts[main])).localname != OOXML_ROOTS[extension]:
        raise Refused(DAMAGED)
    for kind in ("slide", "worksheet"):
        if any(name.lower() not in names for name in _related(parts, main, kind)):
            raise Refused(DAMAGED)
    return _rewritten(path, parts, _without_ooxml_metadata(parts))


def inspect_odf(path: Path, extension: str) -> dict[str, Any]:
    """Read all parts of an ODT, ODS or ODP, and remove its metadata. Raises Refused."""
    with _opened(path) as archive:
        parts = _parts_of(archive)
    if parts.get("mimetype", b"").strip() != ODF_TYPES[extension]:
        raise Refused(OTHER_KIND)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b"") or "encrypted-package" in parts:
        raise Refused(ENCRYPTED)
    if "content.xml" not in parts:
        raise Refused(OTHER_KIND)
    if etree.QName(_parse(parts["content.xml"])).localname != "document-content":
        raise Refused(DAMAGED)
    return _rewritten(path, parts, _without_odf_metadata(parts))


def without_embedded_metadata(data: bytes, depth: int = 1) -> bytes:
    """Return the content of an embedded file without its metadata.

    Its kind is recognised by its content, since names of embedded files are often wrong. A file of another kind, and
    one that cannot be read, is returned as it is. Raises Refused for macros, and for packed files that unpack to more
    than is accepted.
    """
    try:
        if kind := picture_kind(data):
            return without_metadata(kind, data)
        if data.startswith(b"PK\x03\x04") and depth <= MAX_DEPTH:
            return _without_package_metadata(data, depth + 1)
        if data[4:8] == b"ftyp" or data.startswith(matroska.EBML.to_bytes(4, "big")):
            stream = io.BytesIO(data)
            inspect = isobmff.inspect_mp4 if data[4:8] == b"ftyp" else matroska.inspect_webm
            inspect(stream)
            return stream.getvalue()
        return without_metafile_metadata(data) or data
    except Refused as refused:
        if refused.reason not in HARMLESS:
            raise
    return data


def _without_package_metadata(data: bytes, depth: int) -> bytes:
    """Return an office file that is embedded in another one without its metadata; another ZIP file as it is.

    Raises Refused.
    """
    with _archive(io.BytesIO(data)) as archive:
        parts = _parts_of(archive)
        if "[Content_Types].xml" in parts:
            _ooxml_types(parts)
            clean = _without_ooxml_metadata(parts, depth)
        elif parts.get("mimetype", b"").strip() in ODF_TYPES.values():
            clean = _without_odf_metadata(parts, depth)
        else:
            return data
        return _packed(clean) if _is_changed(archive, parts, clean) else data


def _parts_of(archive: zipfile.ZipFile) -> dict[str, bytes]:
    return {member.filename: _read(archive, member) for member in archive.infolist() if not member.is_dir()}


def _ooxml_types(parts: dict[str, bytes]) -> set[str]:
    """Return the content types of a package. Raises Refused for macros, whatever their part is called."""
    types = {each.get("ContentType", "") for each in _parse(parts["[Content_Types].xml"])}
    if any(MACRO_TYPE.search(each) for each in types) or any("vbaProject" in name for name in parts):
        raise Refused(MACROS)
    return types


def _related(parts: dict[str, bytes], name: str, kind: str) -> list[str]:
    """Return the parts to which a part is related by a kind; those of the package for ""."""
    folder, _slash, base = name.rpartition("/")
    folder = f"{folder}/" if folder else ""
    relations = parts.get(f"{folder}_rels/{base}.rels")
    return [
        _resolved(folder, each.get("Target") or "")
        for each in (_parse(relations) if relations else ())
        if (each.get("Type") or "").endswith(f"/{kind}") and each.get("TargetMode") != "External"
    ]


def _opened(path: Path) -> zipfile.ZipFile:
    with path.open("rb") as stream:
        beginning = stream.read(8)
    if beginning == OLE_SIGNATURE:
        raise Refused(ENCRYPTED)
    if not beginning.startswith(b"PK"):
        raise Refused(OTHER_KIND)
    return _archive(path)


def _archive(source: Path | io.BytesIO) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(source)
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


def _without_ooxml_metadata(parts: dict[str, bytes], depth: int = 1) -> dict[str, bytes]:
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
            data = _clean_part(name, data, depth)
        clean[name] = data
    return clean


def _without_odf_metadata(parts: dict[str, bytes], depth: int = 1) -> dict[str, bytes]:
    """Return the parts of an ODF file without metadata. Raises Refused for macros."""
    if any(_is_odf_macro(name) for name in parts):
        raise Refused(MACROS)
    clean = {}
    for name, data in parts.items():
        if name.rpartition("/")[2] == "meta.xml":  # Also of an embedded chart or formula.
            clean[name] = ODF_META
        elif name == "META-INF/manifest.xml":
            clean[name] = _edited(data, _remove_entries)
        elif not ODF_REMOVED.match(name):
            clean[name] = _clean_part(name, data, depth)
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


def _remove_entries(root: etree._Element) -> bool:
    """Remove the entries of the parts that are removed from the manifest of an ODF file."""
    return _remove(root, [each for each in root if any(ODF_REMOVED.match(str(name)) for name in each.attrib.values())])


def _remove(root: etree._Element, elements: list[etree._Element]) -> bool:
    for element in elements:
        root.remove(element)
    return bool(elements)


def _clean_part(name: str, data: bytes, depth: int) -> bytes:
    """Return a part without the names of authors, an embedded file without its metadata."""
    extension = name.rpartition(".")[2].lower()
    if extension == "xml" and data:  # LibreOffice writes an empty part for its key bindings.
        attributes = PEOPLE_ATTRIBUTES if PEOPLE.match(name) else AUTHOR_ATTRIBUTES
        return _edited(data, lambda root: _remove_authors(root, attributes))
    if extension == "svg":
        try:
            return _edited(data, _remove_svg_metadata)
        except Refused:
            return data
    return without_embedded_metadata(data, depth)


def _remove_svg_metadata(root: etree._Element) -> bool:
    """Remove the descriptions of a drawing and the attributes and elements of the program that made it."""
    is_changed = False
    for element in list(root.iter(etree.Element)):
        name, parent = etree.QName(element), element.getparent()
        is_private = any(each in (name.namespace or "") for each in SVG_NAMESPACES)
        if parent is not None and (name.localname == "metadata" or is_private):
            parent.remove(element)
            is_changed = True
        for key in [key for key in element.attrib if any(each in str(key) for each in SVG_NAMESPACES)]:
            del element.attrib[key]
            is_changed = True
    return is_changed


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
            if local == "pageSetup" and attribute == "id":  # It names the settings of the printer.
                del element.attrib[key]
                is_changed = True
            elif attribute in attributes and value != ANONYMOUS:
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
    """Write the archive again if a part changed, with equal dates."""
    with zipfile.ZipFile(path) as archive:
        if not _is_changed(archive, parts, clean):
            return {"changed": False}
    path.write_bytes(_packed(clean))
    return {"changed": True}


def _is_changed(archive: zipfile.ZipFile, parts: dict[str, bytes], clean: dict[str, bytes]) -> bool:
    is_dated = any(member.date_time != (1980, 1, 1, 0, 0, 0) for member in archive.infolist())
    has_comments = bool(archive.comment) or any(member.extra or member.comment for member in archive.infolist())
    return parts != clean or is_dated or has_comments


def _packed(parts: dict[str, bytes]) -> bytes:
    """Return the archive of some parts; `mimetype` stays first and unpacked (ODF)."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return written.getvalue()

"""Opening of packed documents (OOXML, ECMA-376; ODF 1.3), and removal of their metadata and of that of files inside."""

from __future__ import annotations

import io
import re
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from . import isobmff, matroska
from .limits.allowance import Allowance
from .limits.archives import open_archive, open_archive_at, read_member
from .limits.xml_parts import edited, parse, root_name
from .metafiles import without_metafile_metadata, without_text_metadata
from .office.compound_files import without_compound_metadata
from .office.local_paths import has_local_path, remove_local_paths, without_folder
from .picture_metadata import picture_kind, without_metadata
from .refusal import (
    DAMAGED,
    ENCRYPTED,
    MACROS,
    NO_PICTURE,
    OTHER_KIND,
    UNPLAYABLE,
    Refused,
)

MAX_DEPTH = 3  # of office files inside office files
# Reasons for which an embedded file stays as it is: the document can be opened all the same.
HARMLESS = frozenset((DAMAGED, ENCRYPTED, NO_PICTURE, OTHER_KIND, UNPLAYABLE))

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
EXTERNAL_REMOVED = ("/attachedTemplate", "/mailMergeSource", "/mailMergeHeaderSource")
AUTHOR_ATTRIBUTES = frozenset(("author", "initials", "userName"))
# Parts that list people, and their attributes; elsewhere `name` and `displayName` are names of other things.
PEOPLE = re.compile(r"word/people\.xml$|xl/persons/|ppt/commentAuthors\.xml$|ppt/authors\.xml$")
PEOPLE_ATTRIBUTES = AUTHOR_ATTRIBUTES | {"displayName", "name", "providerId", "userId"}
# Elements with the name of a person: ODF annotations and changes, comments of spreadsheets.
AUTHOR_ELEMENTS = frozenset(("creator", "sender-initials", "creator-initials", "author"))
REMOVED_ELEMENTS = frozenset(
    ("absPath", "attachedTemplate", "docVars", "fileSharing", "mailMerge", "printerSettings", "rsids")
)
# Programs that draw write the folder of the author into pictures.
SVG_NAMESPACES = ("inkscape.org", "sodipodi")
# Settings of LibreOffice that name the printer, and with it often the office.
PRINTER_SETTINGS = frozenset(("PrinterName", "PrinterSetup"))
# One of these is in each part that `_remove_authors` changes, unless the part lists people.
TRACES_OF_AUTHORS = re.compile(
    "|".join((*AUTHOR_ATTRIBUTES, *AUTHOR_ELEMENTS, *REMOVED_ELEMENTS, *PRINTER_SETTINGS, "rsid")).encode()
    + rb"|pageSetup[^<]*\bid\b"
)
# A tag that names the settings of the printer, and the name. Excel writes it into each sheet that somebody has printed.
PAGE_SETUP = re.compile(rb"<(?:[\w.-]+:)?pageSetup\s[^<>]*>")
PRINTER_REFERENCE = re.compile(rb"""\s(?!xmlns:)(?:[\w.-]+:)?id\s*=\s*(?:"[^"]*"|'[^']*')""")
# Where a tag may be text.
UNPARSED = (b"<![CDATA[", b"<!--")
ANONYMOUS = "-"
MACRO_TYPE = re.compile("macro|vba", re.IGNORECASE)
# Revision identifiers, by which versions of a document and the work of one person can be told apart.
REVISION_ATTRIBUTE = re.compile(r"rsid")


def inspect_ooxml(path: Path, extension: str) -> dict[str, Any]:
    """Read all parts of a DOCX, PPTX or XLSX, and remove its metadata. Raises Refused."""
    allowance = Allowance()
    with open_archive_at(path) as archive:
        parts = _parts_of(archive, allowance)
    if "[Content_Types].xml" not in parts or "_rels/.rels" not in parts:
        raise Refused(OTHER_KIND)
    types = _ooxml_types(parts, allowance)
    if OOXML_MAIN[extension] not in types:
        raise Refused(OTHER_KIND)
    names = {name.lower(): name for name in parts}  # Names of parts are not case-sensitive (ECMA-376, part 2).
    main = names.get(next(iter(_related(parts, "", "officeDocument", allowance)), "").lower())
    if main is None or root_name(parts[main]) != OOXML_ROOTS[extension]:
        raise Refused(DAMAGED)
    for kind in ("slide", "worksheet"):
        if any(name.lower() not in names for name in _related(parts, main, kind, allowance)):
            raise Refused(DAMAGED)
    return _rewritten(path, parts, _without_ooxml_metadata(parts, allowance))


def inspect_odf(path: Path, extension: str) -> dict[str, Any]:
    """Read all parts of an ODT, ODS or ODP, and remove its metadata. Raises Refused."""
    allowance = Allowance()
    with open_archive_at(path) as archive:
        parts = _parts_of(archive, allowance)
    if parts.get("mimetype", b"").strip() != ODF_TYPES[extension]:
        raise Refused(OTHER_KIND)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b"") or "encrypted-package" in parts:
        raise Refused(ENCRYPTED)
    if "content.xml" not in parts:
        raise Refused(OTHER_KIND)
    if root_name(parts["content.xml"]) != "document-content":
        raise Refused(DAMAGED)
    return _rewritten(path, parts, _without_odf_metadata(parts, allowance))


def without_embedded_metadata(data: bytes, allowance: Allowance, depth: int = 1) -> bytes:
    """Return the content of an embedded file without its metadata.

    Its kind is recognised by its content, since names of embedded files are often wrong. A file of another kind, and
    one that cannot be read, is returned as it is. `allowance` counts for all files inside the uploaded one. Raises
    Refused for macros, and beyond the limits.
    """
    try:
        if kind := picture_kind(data):
            return without_metadata(kind, data)
        if data.startswith(b"PK\x03\x04") and depth <= MAX_DEPTH:
            return _without_package_metadata(data, allowance, depth + 1)
        if data[4:8] == b"ftyp" or data.startswith(matroska.EBML.to_bytes(4, "big")):
            stream = io.BytesIO(data)
            inspect = isobmff.inspect_mp4 if data[4:8] == b"ftyp" else matroska.inspect_webm
            inspect(stream)
            return stream.getvalue()
        inner = (
            partial(without_embedded_metadata, allowance=allowance, depth=depth + 1) if depth <= MAX_DEPTH else bytes
        )
        return (
            without_metafile_metadata(data, allowance)
            or without_compound_metadata(data, inner, allowance)
            or without_text_metadata(data, inner)
        )
    except Refused as refused:
        if refused.reason not in HARMLESS:
            raise
    return data


def _without_package_metadata(data: bytes, allowance: Allowance, depth: int) -> bytes:
    """Return an office file that is embedded in another one without its metadata; another ZIP file as it is.

    Raises Refused.
    """
    with open_archive(io.BytesIO(data)) as archive:
        parts = _parts_of(archive, allowance)
        if "[Content_Types].xml" in parts:
            _ooxml_types(parts, allowance)
            clean = _without_ooxml_metadata(parts, allowance, depth)
        elif parts.get("mimetype", b"").strip() in ODF_TYPES.values():
            clean = _without_odf_metadata(parts, allowance, depth)
        else:
            return data
        return _packed(clean) if _is_changed(archive, parts, clean) else data


def _parts_of(archive: zipfile.ZipFile, allowance: Allowance) -> dict[str, bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    return {member.filename: read_member(archive, member, allowance) for member in members}


def _ooxml_types(parts: dict[str, bytes], allowance: Allowance) -> set[str]:
    """Return the content types of a package. Raises Refused for macros, whatever their part is called."""
    types = {each.get("ContentType", "") for each in parse(parts["[Content_Types].xml"], allowance)}
    if any(MACRO_TYPE.search(each) for each in types) or any("vbaProject" in name for name in parts):
        raise Refused(MACROS)
    return types


def _related(parts: dict[str, bytes], name: str, kind: str, allowance: Allowance) -> list[str]:
    """Return the parts to which a part is related by a kind; those of the package for ""."""
    folder, _slash, base = name.rpartition("/")
    folder = f"{folder}/" if folder else ""
    relations = parts.get(f"{folder}_rels/{base}.rels")
    return [
        _resolved(folder, each.get("Target") or "")
        for each in (parse(relations, allowance) if relations else ())
        if (each.get("Type") or "").endswith(f"/{kind}") and each.get("TargetMode") != "External"
    ]


def _without_ooxml_metadata(parts: dict[str, bytes], allowance: Allowance, depth: int = 1) -> dict[str, bytes]:
    removed = {name for name in parts if OOXML_REMOVED.match(name)}
    clean = {}
    for name, data in parts.items():
        if name in removed:
            continue
        if name == "[Content_Types].xml":
            data = edited(data, allowance, partial(_remove_types, removed=removed))
        elif name.endswith(".rels"):
            folder = name.rpartition("_rels/")[0]
            data = edited(data, allowance, partial(_remove_relationships, folder=folder, removed=removed))
        else:
            data = _clean_part(name, data, allowance, depth)
        clean[name] = data
    return clean


def _without_odf_metadata(parts: dict[str, bytes], allowance: Allowance, depth: int = 1) -> dict[str, bytes]:
    """Return the parts of an ODF file without metadata. Raises Refused for macros."""
    if any(_is_odf_macro(name) for name in parts):
        raise Refused(MACROS)
    clean = {}
    for name, data in parts.items():
        if name.rpartition("/")[2] == "meta.xml":  # Also of an embedded chart or formula.
            clean[name] = ODF_META
        elif name == "META-INF/manifest.xml":
            clean[name] = edited(data, allowance, _remove_entries)
        elif not ODF_REMOVED.match(name):
            clean[name] = _clean_part(name, data, allowance, depth)
    return clean


def _remove_types(root: etree._Element, removed: set[str]) -> bool:
    return _remove([each for each in root if (each.get("PartName") or "").lstrip("/") in removed])


def _remove_relationships(root: etree._Element, folder: str, removed: set[str]) -> bool:
    """Remove the relationships to removed parts, and the folders of files on the author's machine."""
    is_changed = False
    for each in root:
        target = each.get("Target") or ""
        if each.get("TargetMode") == "External" and (name := without_folder(target)) != target:
            each.set("Target", name)
            is_changed = True
    return _remove([each for each in root if _is_removed_relationship(each, folder, removed)]) or is_changed


def _is_removed_relationship(relationship: etree._Element, folder: str, removed: set[str]) -> bool:
    if relationship.get("TargetMode") == "External":  # The address of a template is a path on the author's machine.
        return (relationship.get("Type") or "").endswith(EXTERNAL_REMOVED)
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
    return _remove([each for each in root if any(ODF_REMOVED.match(str(name)) for name in each.attrib.values())])


def _remove(elements: list[etree._Element]) -> bool:
    """Remove elements, each with its content and the text after it; return True if there are any."""
    for element in elements:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return bool(elements)


def _clean_part(name: str, data: bytes, allowance: Allowance, depth: int) -> bytes:
    """Return a part without the names of authors, an embedded file without its metadata."""
    extension = name.rpartition(".")[2].lower()
    if extension == "xml" and data:  # LibreOffice writes an empty part for its key bindings.
        if PEOPLE.match(name):
            return edited(data, allowance, partial(_remove_authors, attributes=PEOPLE_ATTRIBUTES))
        remove = partial(_remove_authors, attributes=AUTHOR_ATTRIBUTES)
        return edited(data, allowance, remove, _has_traces, _without_printer)
    if extension == "svg":
        try:
            return edited(data, allowance, _remove_svg_metadata)
        except Refused as refused:
            if refused.reason not in HARMLESS:
                raise
            return data
    return without_embedded_metadata(data, allowance, depth)


def _has_traces(data: bytes) -> bool:
    return TRACES_OF_AUTHORS.search(data) is not None or has_local_path(data)


def _without_printer(data: bytes) -> bytes:
    """Return a well-formed part without the names of printer settings, as `_remove_authors` does with a tree."""
    if any(each in data for each in UNPARSED):
        return data
    return PAGE_SETUP.sub(lambda tag: PRINTER_REFERENCE.sub(b"", tag[0]), data)


def _remove_svg_metadata(root: etree._Element) -> bool:
    """Remove the descriptions of a drawing and the attributes and elements of the program that made it."""
    is_changed = False
    removed = []
    for element in root.iter(etree.Element):
        name = etree.QName(element)
        is_private = any(each in (name.namespace or "") for each in SVG_NAMESPACES)
        if element is not root and (name.localname == "metadata" or is_private):
            removed.append(element)
            continue
        for key in [key for key in element.attrib if any(each in str(key) for each in SVG_NAMESPACES)]:
            del element.attrib[key]
            is_changed = True
    is_changed = remove_local_paths(root) or is_changed
    return _remove(removed) or is_changed


def _remove_authors(root: etree._Element, attributes: frozenset[str]) -> bool:
    is_changed = False
    removed = []
    for element in root.iter(etree.Element):
        local = etree.QName(element).localname
        if element is not root and (local in REMOVED_ELEMENTS or PRINTER_SETTINGS & set(element.attrib.values())):
            removed.append(element)
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
    is_changed = remove_local_paths(root) or is_changed
    return _remove(removed) or is_changed


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

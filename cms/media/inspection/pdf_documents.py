"""Opening of PDF files with pikepdf (QPDF), and removal of their metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf

from .picture_metadata import without_metadata
from .refusal import DAMAGED, ENCRYPTED, OTHER_KIND, Refused

MAX_PAGES = 10_000
MAX_DEPTH = 50


def inspect_pdf(path: Path, keep_metadata: bool = False) -> dict[str, Any]:
    """Read all pages of a PDF, and remove its info dictionary, XMP and the metadata of its JPEG images.

    Raises Refused. A file with an electronic signature loses it: a signature covers the metadata too.
    """
    with path.open("rb") as stream:
        if b"%PDF-" not in stream.read(1024):
            raise Refused(OTHER_KIND)
    try:
        with pikepdf.open(path, allow_overwriting_input=not keep_metadata) as document:
            pages = _read_pages(document)
            is_changed = not keep_metadata and _remove_metadata(document)
            if is_changed:
                document.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    except pikepdf.PasswordError as error:
        raise Refused(ENCRYPTED) from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise Refused(DAMAGED) from error
    return {"changed": is_changed, "pages": pages}


def _read_pages(document: pikepdf.Pdf) -> int:
    """Parse the contents of each page; return the number of pages."""
    number = len(document.pages)
    if not 0 < number <= MAX_PAGES:
        raise Refused(DAMAGED)
    for page in document.pages:
        page.contents_coalesce()
        contents = page.get("/Contents")
        if contents is not None:
            contents.read_bytes()
    return number


def _remove_metadata(document: pikepdf.Pdf) -> bool:
    """Remove all metadata; return True if there was any."""
    is_changed = "/Info" in document.trailer or document.is_encrypted
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    for item in document.objects:
        is_changed |= _clean_object(item)
    return is_changed


def _clean_object(item: Any, depth: int = 0) -> bool:
    """Remove the metadata of an object and of the objects directly inside it; return True if there was any."""
    if depth > MAX_DEPTH or not isinstance(item, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
        return False
    is_changed = False
    if not isinstance(item, pikepdf.Array):
        for key in ("/Metadata", "/PieceInfo", "/LastModified"):
            if key in item:
                del item[key]
                is_changed = True
        if isinstance(item, pikepdf.Stream):
            is_changed |= _clean_jpeg(item)
        elif "/Subtype" in item and "/Rect" in item:
            is_changed |= _remove_annotator(item)
    members = item.as_list() if isinstance(item, pikepdf.Array) else [value for _key, value in item.items()]
    for member in members:
        if isinstance(member, pikepdf.Object) and not member.is_indirect:
            is_changed |= _clean_object(member, depth + 1)
    return is_changed


def _remove_annotator(annotation: pikepdf.Dictionary) -> bool:
    """Remove the name of the author and the dates of a comment. `/T` of a form field is its name and stays."""
    if annotation.get("/Subtype") == pikepdf.Name("/Widget"):
        return False
    keys = [key for key in ("/T", "/M", "/CreationDate") if key in annotation]
    for key in keys:
        del annotation[key]
    return bool(keys)


def _clean_jpeg(stream: pikepdf.Stream) -> bool:
    if stream.get("/Filter") != pikepdf.Name("/DCTDecode"):
        return False
    raw = stream.read_raw_bytes()
    try:
        clean = without_metadata("jpeg", raw)
    except Refused:  # The pages are read all the same; a viewer shows what it can of the image.
        return False
    if clean == raw:
        return False
    stream.write(clean, filter=pikepdf.Name("/DCTDecode"))
    return True

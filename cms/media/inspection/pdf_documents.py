"""Opening of PDF files with pikepdf (QPDF), and removal of their metadata."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pikepdf

from . import isobmff
from .limits.allowance import Allowance
from .office.local_paths import without_folder
from .packed_documents import without_embedded_metadata
from .picture_metadata import without_metadata
from .refusal import DAMAGED, ENCRYPTED, OTHER_KIND, TOO_COMPLEX, Refused

MAX_PAGES = 10_000
MAX_DEPTH = 50
OUT_OF_MEMORY = "bad_alloc"  # How QPDF reports a stream that does not fit into the memory of this process.
# A comment after the first line, or anything after the first end of the file: a former version, or other bytes.
HIDDEN_TEXT = re.compile(rb"\A%PDF-[^\r\n]*[\r\n]+%[ -~]{2}|%%EOF\s*[^\s]")
JPEG, JPEG_2000 = pikepdf.Name("/DCTDecode"), pikepdf.Name("/JPXDecode")
JPEG_2000_METADATA = frozenset((b"uuid", b"uinf", b"xml ", b"jp2i"))
# Texts of links, attached files, actions and pictures that may be a path of the author's machine.
PATHS = ("/F", "/UF", "/DOS", "/Mac", "/Unix", "/URI", "/Desc", "/Alt", "/Contents")


def inspect_pdf(path: Path, keep_metadata: bool = False) -> dict[str, Any]:
    """Read all pages of a PDF, and remove its info dictionary, XMP and the metadata of its images and attachments.

    Raises Refused. A file with an electronic signature loses it: a signature covers the metadata too.
    """
    with path.open("rb") as stream:
        if b"%PDF-" not in stream.read(1024):
            raise Refused(OTHER_KIND)
    try:
        with pikepdf.open(path, allow_overwriting_input=not keep_metadata) as document:
            pages = _read_pages(document)
            is_changed = not keep_metadata and _rewrite(path, document)
    except pikepdf.PasswordError as error:
        raise Refused(ENCRYPTED) from error
    except pikepdf.DataDecodingError as error:
        raise Refused(TOO_COMPLEX if OUT_OF_MEMORY in str(error) else DAMAGED) from error
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise Refused(DAMAGED) from error
    return {"changed": is_changed, "pages": pages}


def _rewrite(path: Path, document: pikepdf.Pdf) -> bool:
    """Write the file without metadata, former versions, comments and bytes after its end; return True if it had any."""
    before, with_metadata = path.read_bytes(), _saved(document)
    _remove_metadata(document)
    written = _saved(document)
    if document.is_encrypted or written != with_metadata or HIDDEN_TEXT.search(before):
        path.write_bytes(written)
        return written != before
    return False


def _saved(document: pikepdf.Pdf) -> bytes:
    written = io.BytesIO()
    # Streams stay as they are packed: a second run gives the same bytes.
    preserve = pikepdf.ObjectStreamMode.preserve
    document.save(written, deterministic_id=True, compress_streams=False, object_stream_mode=preserve)
    return written.getvalue()


def _read_pages(document: pikepdf.Pdf) -> int:
    """Unpack the contents of each page; return the number of pages."""
    number = len(document.pages)
    if not 0 < number <= MAX_PAGES:
        raise Refused(DAMAGED)
    allowance = Allowance()
    read: set[tuple[int, int]] = set()  # All pages may share one stream.
    for page in document.pages:
        contents = page.get("/Contents")
        if contents is None or contents.objgen in read:
            continue
        if contents.is_indirect:
            read.add(contents.objgen)
        if not isinstance(contents, pikepdf.Array):
            allowance.unpack(len(contents.read_bytes()), members=0)
            continue
        for part in contents:
            if isinstance(part, pikepdf.Stream) and part.objgen not in read:
                read.add(part.objgen)
                allowance.unpack(len(part.read_bytes()), members=0)
    return number


def _remove_metadata(document: pikepdf.Pdf) -> None:
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    allowance = Allowance()
    for item in document.objects:
        _clean_object(item, allowance)


def _clean_object(item: Any, allowance: Allowance, depth: int = 0) -> None:
    """Remove the metadata of an object and of the objects directly inside it."""
    if depth > MAX_DEPTH or not isinstance(item, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
        return
    if not isinstance(item, pikepdf.Array):
        for key in ("/Metadata", "/PieceInfo", "/LastModified"):
            if key in item:
                del item[key]
        for key in PATHS:
            if isinstance(value := item.get(key), pikepdf.String) and (name := without_folder(str(value))) != str(
                value
            ):
                item[key] = pikepdf.String(name)
        if isinstance(item, pikepdf.Stream):
            _clean_picture(item)
        elif "/Subtype" in item and "/Rect" in item:
            _remove_annotator(item)
        if isinstance(item.get("/EF"), pikepdf.Dictionary):
            _clean_attachment(item, allowance)
    members = item.as_list() if isinstance(item, pikepdf.Array) else [value for _key, value in item.items()]
    for member in members:
        if isinstance(member, pikepdf.Object) and not member.is_indirect:
            _clean_object(member, allowance, depth + 1)


def _remove_annotator(annotation: pikepdf.Dictionary) -> None:
    """Remove the name of the author and the dates of a comment. `/T` of a form field is its name and stays."""
    if annotation.get("/Subtype") == pikepdf.Name("/Widget"):
        return
    for key in ("/T", "/M", "/CreationDate"):
        if key in annotation:
            del annotation[key]


def _clean_attachment(specification: pikepdf.Dictionary | pikepdf.Stream, allowance: Allowance) -> None:
    """Remove the metadata and the dates of an attached file; its name and description are shown to readers."""
    for _key, stream in specification["/EF"].items():
        if isinstance(stream, pikepdf.Stream):
            if "/Params" in stream:
                del stream["/Params"]
            data = stream.read_bytes()
            allowance.unpack(len(data))
            stream.write(without_embedded_metadata(data, allowance))


def _clean_picture(stream: pikepdf.Stream) -> None:
    """Remove the metadata of a JPEG or JPEG 2000 image, whatever other filters pack it."""
    names, parameters = (_as_list(stream.get(key)) for key in ("/Filter", "/DecodeParms"))
    if not names or names[-1] not in (JPEG, JPEG_2000):
        return
    kind = names.pop()
    parameter = parameters.pop() if len(parameters) > len(names) else None
    raw = packed = stream.read_raw_bytes()
    if names:
        stream.write(raw, filter=pikepdf.Array(names), decode_parms=pikepdf.Array(parameters) if parameters else None)
        packed = stream.read_bytes()
    try:
        clean = without_metadata("jpeg", packed) if kind == JPEG else _without_jpeg_2000_metadata(packed)
    except Refused:  # The pages are read all the same; a viewer shows what it can of the image.
        clean = packed
    if clean != raw:
        stream.write(clean, filter=kind, decode_parms=parameter)


def _as_list(value: Any) -> list[Any]:
    """Return the items of an entry that may be an array, a single item or missing."""
    return list(value) if isinstance(value, pikepdf.Array) else [] if value is None else [value]


def _without_jpeg_2000_metadata(data: bytes) -> bytes:
    """Return a JPEG 2000 image whose boxes of metadata (ISO 15444-1, I.7) are empty. Raises Refused."""
    stream = io.BytesIO(data)
    isobmff.blank_boxes(stream, JPEG_2000_METADATA)
    return stream.getvalue()

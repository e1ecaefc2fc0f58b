"""Documents and videos with metadata in less known places, each with the text MARK."""

import struct
import zlib
from io import BytesIO

import pikepdf
from PIL import Image

from tests.factories import media_files
from tests.factories.files import open_document, pdf, word
from tests.factories.media_files import BYTES, MARK, box, element, with_parts

PICTURE = media_files.picture("jpeg")
EMBEDDED = {"word/embeddings/a.odt": media_files.open_document_with_metadata()}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    f'inkscape:export-filename="/home/{MARK}"><metadata>{MARK}</metadata></svg>'
)
NAMED = f'<list xmlns="a"><entry name="{MARK}" author="{MARK}" userId="{MARK}"/></list>'
ODF_META = (
    '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:meta="b">'
    f"<office:meta><meta:initial-creator>{MARK}</meta:initial-creator></office:meta></office:document-meta>"
)
WORD_PARTS = {
    "jpeg-with-another-name": {"word/media/image1.jpe": PICTURE, "word/media/image2.png": PICTURE},
    "avif-picture": {"word/media/image1.avif": media_files.picture("avif")},
    "svg-picture": {"word/media/image1.svg": SVG},
    "embedded-workbook": {"word/embeddings/sheet.xlsx": media_files.sheet_with_metadata()},
    "embedded-twice": {
        "word/embeddings/a.docx": with_parts(
            word("a"), {"word/embeddings/a.odt": media_files.open_document_with_metadata()}
        )
    },
    "embedded-video": {"word/media/video.mp4": media_files.mp4(), "word/media/video.webm": media_files.webm()},
    "labels": {"docMetadata/LabelInfo.xml": NAMED, "userCustomization/customUI.xml": NAMED},
    "signature": {"_xmlsignatures/sig1.xml": NAMED},
    "changes-of-slides": {"ppt/changesInfos/changesInfo1.xml": NAMED, "ppt/revisionInfo.xml": NAMED},
}
SHEET_PARTS = {
    "printer": {"xl/printerSettings/printerSettings1.bin": MARK.encode("utf-16-le")},
    "users": {"xl/revisions/userNames.xml": NAMED},
}
OPEN_DOCUMENT_PARTS = {
    "chart": {"Object 1/meta.xml": ODF_META},
    "thumbnail-of-a-chart": {"Object 1/Thumbnails/thumbnail.png": media_files.picture("png")},
    "former-versions": {"VersionList.xml": NAMED, "Versions/Version1": media_files.open_document_with_metadata()},
    "signatures": {"META-INF/documentsignatures.xml": NAMED, "META-INF/macrosignatures.xml": NAMED},
    "descriptions": {"manifest.rdf": NAMED},
}


def in_word(name):
    return with_parts(word("Bonjour", "Fin"), WORD_PARTS[name])


def in_sheet(name):
    return with_parts(media_files.sheet_with_metadata(), SHEET_PARTS[name])


def in_open_document(name):
    return with_parts(open_document("Titre", "Bonjour"), OPEN_DOCUMENT_PARTS[name])


def _pdf(change):
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf("Bonjour"))) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def _with_picture(content, *filters):
    names = pikepdf.Array([pikepdf.Name(f"/{each}") for each in filters])

    def change(document):
        stream = document.make_stream(content, {"/Filter": names})
        document.pages[0].Resources.XObject = pikepdf.Dictionary(Photo=stream)

    return _pdf(change)


def _jpeg_2000():
    out = BytesIO()
    Image.new("RGB", (30, 30)).save(out, "JPEG2000")
    return out.getvalue() + box(b"uuid", bytes(16), BYTES) + box(b"xml ", BYTES)


def _attach(document):
    document.attachments["a.docx"] = pikepdf.AttachedFileSpec(document, media_files.word_with_metadata())


PDF_FILES = (
    lambda: _with_picture(PICTURE, "DCTDecode"),
    lambda: _with_picture(zlib.compress(PICTURE), "FlateDecode", "DCTDecode"),
    lambda: _with_picture(_jpeg_2000(), "JPXDecode"),
    lambda: _pdf(_attach),
    lambda: pdf("Bonjour") + BYTES,
    lambda: pdf("Bonjour").replace(b"%PDF-1.7\n", b"%PDF-1.7\n%" + BYTES + b"\n"),
)
MP4_FILES = tuple(
    lambda kind=kind: media_files.mp4(has_positions=False).replace(BYTES, bytes(len(BYTES))) + box(kind, BYTES)
    for kind in (b"free", b"skip", b"gps ", b"thum", b"meco")
)


def _webm(*hidden, info=(), track=(), end=b""):
    """Return a WebM with more elements in its segment, in its information and in its track, and bytes after its end."""
    entry = element("ae", element("d7", b"\1"), element("83", b"\1"), element("86", b"V_VP9"), *track)
    known = element("1549a966", element("4489", struct.pack(">d", 8000)), *info)
    cluster = element("1f43b675", element("e7", b"\0"), element("a3", b"\x81\0\0\x80" + bytes(16)))
    segment = element("18538067", known, element("1654ae6b", entry), *hidden, cluster)
    return element("1a45dfa3", element("4282", b"webm")) + segment + end


VOID = element("ec", BYTES)
WEBM_FILES = (
    lambda: _webm(VOID),
    lambda: _webm(element("42f2", BYTES)),
    lambda: _webm(info=(element("3c83ab", BYTES), element("3e83bb", BYTES), VOID)),
    lambda: _webm(track=(element("258688", BYTES), VOID)),
    lambda: _webm(end=BYTES),
)

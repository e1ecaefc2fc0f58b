"""Documents and videos with metadata in less known places, each with the text MARK."""

import base64
import quopri
import struct
import textwrap
import zlib
from io import BytesIO

import pikepdf
from PIL import Image

from tests.factories import media_files
from tests.factories.files import open_document, pdf, word
from tests.factories.media_files import BYTES, MARK, box, element, with_parts

from .embedded_objects import EMBEDDED_OBJECTS, LOCAL_PATHS

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


def tiff(order="<"):
    """Return a TIFF file with its author, a position and the number of a device."""
    exif = Image.Exif()
    exif[0x013B], exif[0x010E], exif[0x0110] = MARK, MARK, MARK
    exif.get_ifd(0x8769)[0xA431] = MARK
    exif.get_ifd(0x8825)[29] = MARK
    out = BytesIO()
    Image.new("RGB", (4, 3), "red").save(out, "TIFF", exif=exif.tobytes()[6:] if order == ">" else exif)
    return out.getvalue()


def emf():
    """Return an EMF file with the title of its author, a private comment, and a comment inside EMF+."""
    title = MARK.encode("utf-16-le")
    size = (100 + len(title) + 3) // 4 * 4
    head = (
        struct.pack("<II", 1, size) + bytes(32) + b" EMF" + struct.pack("<IIIHHII", 0x10000, 0, 4, 1, 0, len(MARK), 100)
    )
    header = (head.ljust(100, b"\0") + title).ljust(size, b"\0")
    plus = struct.pack("<HHII", 0x4003, 0, 12 + len(BYTES), len(BYTES)) + BYTES
    return (
        header + _emf_comment(b"MINE" + BYTES) + _emf_comment(b"EMF+" + plus) + struct.pack("<IIIII", 14, 20, 0, 0, 20)
    )


def _emf_comment(data):
    padded = data + bytes(-len(data) % 4)
    return struct.pack("<III", 70, 12 + len(padded), len(data)) + padded


def wmf():
    """Return a WMF file with a comment."""
    data = BYTES + bytes(len(BYTES) % 2)
    comment = struct.pack("<IHHH", 5 + len(data) // 2, 0x0626, 0x000F, len(data)) + data
    end = struct.pack("<IH", 3, 0)
    words = (18 + len(comment) + len(end)) // 2
    return struct.pack("<HHHIHIH", 1, 9, 0x300, words, 0, len(comment) // 2, 0) + comment + end


RTF = rb"{\rtf1{\fonttbl{\f0 Arial;}}{\info{\title %b}{\author a\}b %b}}{\*\generator %b;}\f0 Bonjour}" % (
    BYTES,
    BYTES,
    BYTES,
)
HTML = (
    f'<html xmlns:o="o"><head><meta charset="utf-8"><META NAME=author CONTENT="{MARK}"><title>{MARK}</title>'
    f"<!--[if gte mso 9]><xml><o:DocumentProperties><o:Author>{MARK}</o:Author></o:DocumentProperties></xml>"
    "<![endif]--></head><body><p>Bonjour</p></body></html>"
)
# Pictures in an RTF file: hexadecimal digits in lines, also after an odd number, and binary.
DIGITS = "\n".join(textwrap.wrap(PICTURE.hex(), 128)).encode()
PICTURES_IN_RTF = b"".join(
    (
        rb"{\rtf1 Bonjour {\*\shppict{\pict\picwgoal1440\jpegblip ",
        DIGITS,
        rb"}}{\pict\pngblip{\*\blipuid 00ff00ff00ff00ff00ff00ff00ff00ff}",
        media_files.picture("png").hex().upper().encode(),
        rb"}{\pict\jpegblip\bin%d " % len(PICTURE),
        PICTURE,
        b"}}",
    )
)
HOME = f"file:///C:/Users/{MARK}"
WEB_ARCHIVE = "\r\n".join((
    f"From: {MARK}", f"Subject: {MARK}", f"X-Generator: {MARK}", "MIME-Version: 1.0",
    'Content-Type: multipart/related; boundary="b"; type="text/html"', "", f"{MARK}", "--b",
    f'Content-Type: text/html; charset="utf-8"; name="{MARK}.htm"', "Content-Transfer-Encoding: quoted-printable",
    f"Content-Location: {HOME}/a.htm", "",
    quopri.encodestring(f'{HTML}<img src="{HOME}/a_files/b.jpg">'.encode()).decode().replace("\n", "\r\n"), "--b",
    "Content-Type: image/jpeg", "Content-Transfer-Encoding: base64", f"Content-Location: {HOME}/a_files/b.jpg",
    f'Content-Disposition: attachment; filename="{MARK}.jpg"', "",
    base64.encodebytes(PICTURE).decode().replace("\n", "\r\n"), "--b--", f"{MARK}", "",
))  # fmt: skip
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
    "tiff-pictures": {"word/media/image1.tif": tiff(), "word/media/image2.tiff": tiff(">")},
    "metafiles": {"word/media/image1.emf": emf(), "word/media/image2.wmf": wmf()},
    "variables": {
        "word/settings.xml": f'<w:settings xmlns:w="w"><w:docVars><w:docVar w:name="a" w:val="{MARK}"/></w:docVars>'
        "</w:settings>"
    },
    "included-texts": {"word/a.rtf": RTF, "word/b.htm": HTML},
    "pictures-in-rtf": {"word/a.rtf": PICTURES_IN_RTF},
    "web-archive": {"word/afchunk.mht": WEB_ARCHIVE},
    **EMBEDDED_OBJECTS,
    **LOCAL_PATHS,
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


def fragmented_mp4(*, in_fragment=b"", in_table=b"", name=bytes(32)):
    """Return an MP4 with a fragment of pictures and one of positions. `name` is that of the encoder."""
    entry = box(b"avc1", bytes(42), name, bytes(4))
    head = box(b"ftyp", b"iso5\0\0\0\0iso5") + box(
        b"moov",
        box(b"mvhd", bytes(12), struct.pack(">II", 1000, 8000), bytes(80)),
        _fragmented_track(1, b"vide", entry, in_table),
        _fragmented_track(2, b"meta", box(b"gpmd", bytes(8))),
        box(b"mvex", *(box(b"trex", struct.pack(">6I", 0, each, 1, 8000, 16, 0)) for each in (1, 2))),
    )
    picture, position = _fragment(1, bytes(16)), _fragment(2, BYTES, in_fragment)
    return head + picture + position


def _fragmented_track(number, handler, entry, *more):
    table = box(
        b"stbl", box(b"stsd", struct.pack(">II", 0, 1), entry), box(b"stts", bytes(8)), box(b"stsc", bytes(8)),
        box(b"stsz", bytes(12)), box(b"stco", bytes(8)), *more,
    )  # fmt: skip
    media = box(
        b"mdia",
        box(b"mdhd", bytes(12), struct.pack(">III", 1000, 0, 0)),
        box(b"hdlr", bytes(8), handler, bytes(13)),
        box(b"minf", table),
    )
    return box(b"trak", box(b"tkhd", bytes(12), struct.pack(">I", number), bytes(68)), media)


def _fragment(number, sample, *more):
    """Return a fragment with one sample: once to know its size, once with the position of the sample."""

    def moof(offset):
        run = box(b"trun", struct.pack(">IIiI", 0x201, 1, offset, len(sample)))
        return box(
            b"moof", box(b"mfhd", bytes(8)), box(b"traf", box(b"tfhd", struct.pack(">II", 0x20000, number)), run, *more)
        )

    return moof(len(moof(0)) + 8) + box(b"mdat", sample)


MP4_FILES = (
    *(
        lambda kind=kind: media_files.mp4(has_positions=False).replace(BYTES, bytes(len(BYTES))) + box(kind, BYTES)
        for kind in (b"free", b"skip", b"gps ", b"thum", b"meco")
    ),
    fragmented_mp4,
    lambda: fragmented_mp4(in_fragment=box(b"abcd", BYTES)),
    lambda: fragmented_mp4(in_table=box(b"abcd", BYTES)),
    lambda: fragmented_mp4(name=BYTES[:32].ljust(32, b"\0")),
    lambda: fragmented_mp4() + box(b"prft", bytes(8), BYTES),
)


def _webm(*hidden, info=(), track=(), tracks=(), cluster=(), end=b""):
    """Return a WebM with more elements in its parts, and bytes after its end."""
    entry = element("ae", element("d7", b"\1"), element("83", b"\1"), element("86", b"V_VP9"), *track)
    known = element("1549a966", element("4489", struct.pack(">d", 8000)), *info)
    cluster = element("1f43b675", element("e7", b"\0"), element("a3", b"\x81\0\0\x80" + bytes(16)), *cluster)
    segment = element("18538067", known, element("1654ae6b", entry, *tracks), *hidden, cluster)
    return element("1a45dfa3", element("4282", b"webm")) + segment + end


VOID = element("ec", BYTES)
WEBM_FILES = (
    lambda: _webm(VOID),
    lambda: _webm(element("42f2", BYTES)),
    lambda: _webm(info=(element("3c83ab", BYTES), element("3e83bb", BYTES), VOID)),
    lambda: _webm(track=(element("258688", BYTES), VOID)),
    lambda: _webm(end=BYTES),
    lambda: _webm(cluster=(VOID,)),
    lambda: _webm(cluster=(element("a0", element("a1", b"\x81\0\0\0" + bytes(8)), VOID),)),
    lambda: _webm(element("1c53bb6b", element("bb", element("b3", b"\0"), VOID))),
    lambda: _webm(tracks=(VOID,)),
    lambda: _webm(track=(element("e0", element("b0", b"\1"), VOID),)),
    lambda: _webm(
        tracks=(element("ae", element("d7", b"\2"), element("83", b"\x21"), element("86", b"D_GPS")),),
        cluster=(element("a3", b"\x82\0\0\x80" + BYTES), element("a0", element("a1", b"\x82\0\0\0" + BYTES))),
    ),
)

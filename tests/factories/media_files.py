"""Small images, videos and documents with metadata in every place that their format has, each with the text MARK."""

import re
import struct
import zipfile
import zlib
from io import BytesIO

import docx
import openpyxl
import pikepdf
from PIL import Image, ImageCms, PngImagePlugin

from .files import open_document, pdf, word

MARK = "Camille-Exemple-48.8583N"
BYTES = MARK.encode()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + BYTES + b"</x:xmpmeta>"
JFIF_LENGTH = 20  # of the first segments
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation=1):
    data = Image.Exif()
    data[0x010F] = data[0x0110] = data[0x013B] = data[0x9C9D] = MARK
    if orientation != 1:
        data[0x0112] = orientation
    data.get_ifd(0x8825)[1] = "N"
    data.get_ifd(0x8825)[29] = MARK
    return data.tobytes()


def picture(kind="jpeg", mode="RGB", size=(60, 40), orientation=1, **options):
    """Return an image with EXIF, XMP, comments and a colour profile, as far as its format has them."""
    image = Image.new(mode, size, 1 if mode == "1" else None)
    if size > (20, 10) and mode == "RGB":
        image.paste("#cc2200", (0, 0, 20, 10))
    out = BytesIO()
    match kind:
        case "jpeg":
            image.save(out, "JPEG", exif=exif(orientation), comment=BYTES, icc_profile=ICC, xmp=XMP, **options)
            photoshop = _segment(0xED, b"Photoshop 3.0\x00" + BYTES)
            return out.getvalue()[:JFIF_LENGTH] + photoshop + out.getvalue()[JFIF_LENGTH:] + BYTES
        case "png":
            text = PngImagePlugin.PngInfo()
            text.add_text("Author", MARK)
            text.add_itxt("XML:com.adobe.xmp", XMP.decode())
            image.save(out, "PNG", exif=exif(orientation), pnginfo=text, icc_profile=ICC, **options)
            return out.getvalue() + BYTES
        case "webp":
            image.save(out, "WEBP", exif=exif(orientation), xmp=XMP, icc_profile=ICC, **options)
            return out.getvalue()
        case "gif":
            image.save(out, "GIF", comment=BYTES, **options)
            return out.getvalue() + BYTES
        case "avif":
            image.save(out, "AVIF", exif=exif(), xmp=XMP, icc_profile=ICC, **options)
            return out.getvalue()
    raise ValueError(kind)


def plain_picture(kind, mode="RGB", size=(60, 40), **options):
    """Return an image of any mode of Pillow without metadata."""
    out = BytesIO()
    Image.new(mode, size).save(out, kind.upper(), **options)
    return out.getvalue()


def _segment(marker, payload):
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def one_bit_transparent():
    """Return a PNG with one bit for each pixel and a transparent colour."""
    rows = b"".join(b"\x00" + b"\xaa" * 5 for _row in range(40))
    header = struct.pack(">IIBBBBB", 40, 40, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"tRNS", b"\x00\x01"), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, payload) for kind, payload in chunks)


RESTART = re.compile(rb"\xff[\xd0-\xd7]")
JPEG_END = b"\xff\xd9"


def noise_jpeg(**options):
    """Return a JPEG of noise, in which every byte matters."""
    noise = Image.merge("RGB", [Image.effect_noise((120, 90), 80) for _band in range(3)])
    out = BytesIO()
    noise.save(out, "JPEG", **options)
    return out.getvalue()


def cut_jpeg(data, part=0.9):
    """Return the first part of a JPEG with an end marker."""
    return data[: int(len(data) * part)] + JPEG_END


def jpeg_without_rows(first, last):
    """Return a JPEG with a restart marker after each row of blocks, without those from `first` to `last`."""
    data = noise_jpeg(restart_marker_rows=1)
    markers = [found.start() for found in RESTART.finditer(data)]
    return data[: markers[first]] + (JPEG_END if last is None else data[markers[last] :])


def jpeg_without_colours():
    """Return a JPEG whose header names three components, of which one is there."""
    grey = plain_picture("jpeg", "L", size=(60, 40))
    header = bytes.fromhex("ffc0000b080028003c01011100")
    return grey.replace(header, bytes.fromhex("ffc00011080028003c03011100021100031100"))


def png_of_bytes(colour, length, *, is_interlaced=False):
    """Return a PNG of 8 by 8 pixels with this type of colour, 8 bits for each sample, and this many bytes of rows."""
    header = struct.pack(">IIBBBBB", 8, 8, 8, colour, 0, 0, is_interlaced)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(length))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, payload) for kind, payload in chunks)


def _chunk(kind, payload):
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def box(kind, *content):
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def mp4(seconds=8, codec=b"avc1", handler=b"vide", sample=b"\x00" * 32, has_positions=True, profile=100):
    """Return an MP4 with one track, the metadata of a phone, and a track of positions. `profile` is that of H.264."""
    head = box(b"ftyp", b"isom\x00\x00\x00\x00isom")
    media = box(b"mdat", sample + BYTES)
    begins = len(head) + 8
    tracks = [_track(seconds, codec, handler, begins, len(sample), profile)]
    if has_positions:
        tracks.append(_track(seconds, b"gpmd", b"meta", begins + len(sample), len(BYTES)))
    position = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(BYTES), 0x15C7) + BYTES), box(b"\xa9mod", BYTES))
    keys = box(b"meta", b"\x00\x00\x00\x00", box(b"ilst", box(b"data", BYTES)))
    times = struct.pack(">II", 3_800_000_000, 3_800_000_000)
    movie = box(b"mvhd", b"\x00" * 4, times, struct.pack(">II", 1000, seconds * 1000), b"\x00" * 80)
    return head + media + box(b"moov", movie, *tracks, position, keys) + box(b"uuid", b"\x00" * 16, XMP)


def _track(seconds, codec, handler, offset, length, profile=100):
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), box(codec, b"\x00" * 78, box(b"avcC", bytes((1, profile, 0, 30))))),
        box(b"stsz", struct.pack(">IIII", 0, 0, 1, length)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        box(b"stco", struct.pack(">III", 0, 1, offset)),
    )
    media = box(b"mdhd", b"\x00" * 4, struct.pack(">IIIII", 9, 9, 1000, seconds * 1000, 0))
    named = box(b"hdlr", b"\x00" * 8, handler, b"\x00" * 12, BYTES, b"\x00")
    return box(b"trak", box(b"tkhd", b"\x00" * 84), box(b"mdia", media, named, box(b"minf", table)))


def element(identifier, *content):
    body = b"".join(content)
    return bytes.fromhex(identifier) + struct.pack(">Q", len(body) | 1 << 56) + body


def webm(seconds=8, codec=b"V_VP9", track_type=b"\x01", doc_type=b"webm"):
    """Return a WebM with one track, tags, a title and an attachment."""
    info = element(
        "1549a966",
        element("2ad7b1", (1_000_000).to_bytes(3, "big")),
        element("4489", struct.pack(">d", seconds * 1000)),
        element("4461", struct.pack(">q", 1)),
        element("7ba9", BYTES),
        element("4d80", BYTES),
        element("5741", BYTES),
    )
    track = element(
        "ae", element("d7", b"\x01"), element("83", track_type), element("86", codec), element("536e", BYTES)
    )
    tags = element("1254c367", element("7373", element("67c8", element("4487", BYTES))))
    attachments = element("1941a469", element("61a7", element("465c", BYTES)))
    cluster = element("1f43b675", element("e7", b"\x00"), element("a3", b"\x81\x00\x00\x80" + b"\x00" * 16))
    segment = element("18538067", info, element("1654ae6b", track), tags, attachments, cluster)
    return element("1a45dfa3", element("4282", doc_type)) + segment


def word_with_metadata():
    """Return a DOCX with properties, a comment, an attached template, a photo and revision numbers of its author."""
    document, out = docx.Document(), BytesIO()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = properties.title = MARK
    paragraph = document.add_paragraph("Bonjour")
    document.add_picture(BytesIO(picture("jpeg")))
    document.add_comment(paragraph.runs, text="À relire", author=MARK, initials=MARK)
    document.save(out)
    return with_parts(out.getvalue(), {"docProps/custom.xml": f"<Properties>{MARK}</Properties>"})


def sheet_with_metadata():
    """Return an XLSX with properties, a comment and the path of the author's folder."""
    book, out = openpyxl.Workbook(), BytesIO()
    book.properties.creator = book.properties.lastModifiedBy = book.properties.description = MARK
    book.active["A1"] = "Bonjour"
    book.active["A1"].comment = openpyxl.comments.Comment("À relire", MARK)
    book.save(out)
    return out.getvalue()


def open_document_with_metadata():
    """Return an ODT with properties, a thumbnail and an annotation."""
    annotation = (
        '<office:annotation><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{MARK}</dc:creator></office:annotation></text:p>"
    )
    data = open_document("Titre", "Bonjour")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        content = archive.read("content.xml").decode().replace("</text:p>", annotation, 1)
        meta = archive.read("meta.xml").decode()
    meta = meta.replace("<office:meta>", f"<office:meta><meta:user-defined>{MARK}</meta:user-defined>")
    return with_parts(data, {"content.xml": content, "meta.xml": meta, "Thumbnails/thumbnail.png": picture("png")})


def pdf_with_metadata():
    """Return a PDF with an info dictionary, XMP, a comment and a photo."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf("Bonjour"))) as document:
        document.docinfo["/Author"] = document.docinfo["/Creator"] = MARK
        document.Root.Metadata = document.make_stream(XMP, {"/Type": pikepdf.Name("/Metadata")})
        photo = document.make_stream(picture("jpeg"), {"/Filter": pikepdf.Name("/DCTDecode")})
        page = document.pages[0]
        page.Resources.XObject = pikepdf.Dictionary(Photo=photo)
        page.Annots = document.make_indirect(
            pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name("/Text"), Rect=[0, 0, 9, 9], T=MARK, M=MARK)])
        )
        document.save(out)
    return out.getvalue()


def encrypted_pdf():
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf("Bonjour"))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def with_parts(data, changed):
    """Return a packed document with some parts replaced, added, or (None) removed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in dict.fromkeys([*archive.namelist(), *changed]):
            content = changed[name] if name in changed else archive.read(name)
            if content is not None:
                written.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


def renamed_macros():
    """Return a document with macros, as its name without macros would be."""
    data = word("Bonjour")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = types.replace(kind, "application/vnd.ms-word.document.macroEnabled.main+xml")
    return with_parts(data, {"[Content_Types].xml": types, "word/vbaProject.bin": b"macro"})


def zip_file(members=None, compression=zipfile.ZIP_DEFLATED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in (members or {"note.txt": "Bonjour"}).items():
            archive.writestr(name, content)
    return out.getvalue()

"""The table of uploaded files: content, kind of upload, and the reason of the refusal or "" for an accepted file.

Accepted files are opened again by other libraries; what had metadata has none afterwards.
"""

import email
import gzip
import io
import re
import tracemalloc
import zipfile
import zlib
from functools import partial

import docx
import odfdo
import openpyxl
import pikepdf
import pytest
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageOps

from cms.media.inspection import inspector, refusal
from cms.media.inspection.inspector import FileRefused, inspect_file
from cms.media.inspection.limits import allowance, xml_size
from cms.media.inspection.limits.allowance import Allowance
from cms.media.inspection.packed_documents import without_embedded_metadata
from cms.media.renditions.specs import declared_specs
from tests.factories import media_files
from tests.factories.files import open_document, pdf, word
from tests.factories.media import png
from tests.factories.media_files import with_parts
from tests.files import hidden_metadata

MODES = [
    *(("png", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(("jpeg", mode) for mode in ("L", "RGB", "CMYK")),
    *(("webp", mode) for mode in ("RGB", "RGBA")),
    *(("gif", mode) for mode in ("1", "L", "P")),
    *(("avif", mode) for mode in ("RGB", "RGBA")),
]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600  # older Office files, and encrypted new ones
MACROS = refusal.MACROS
DAMAGED, OTHER_KIND, TOO_LARGE = refusal.DAMAGED, refusal.OTHER_KIND, refusal.TOO_LARGE_UNPACKED

plain = media_files.plain_picture


def frames(kind):
    """Return an image with three pictures, as far as its format has several."""
    first, *others = (Image.new("RGB", (32, 32), (number * 80, 0, 0)) for number in range(3))
    content = io.BytesIO()
    first.save(content, kind, **({} if kind == "ICO" else {"save_all": True, "append_images": others}))
    return content.getvalue()


def large_with_preview():
    """Return a JPEG whose two pictures together, but not the shown one, have more pixels than are accepted."""
    content = io.BytesIO()
    Image.new("L", (6000, 5000)).save(content, "MPO", save_all=True, append_images=[Image.new("L", (600, 500))])
    return content.getvalue()


def with_type(content_type):
    """Return a DOCX with a part of this type, whose name does not tell."""
    with zipfile.ZipFile(io.BytesIO(word("a"))) as archive:
        types = archive.read("[Content_Types].xml").decode()
    override = f'<Override PartName="/word/part.bin" ContentType="application/{content_type}"/></Types>'
    return with_parts(word("a"), {"[Content_Types].xml": types.replace("</Types>", override), "word/part.bin": "a"})


ODF_ENCRYPTED = {"content.xml": None, "encrypted-package": b"\0\1\2"}
TABLE = [
    ("text.mp4", "video", lambda: b"This is not a video", OTHER_KIND),
    ("empty.mp4", "video", lambda: b"", OTHER_KIND),
    ("webm.mp4", "video", lambda: media_files.webm(), OTHER_KIND),
    ("cut.mp4", "video", lambda: media_files.mp4()[:-300], DAMAGED),
    ("without-samples.mp4", "video", lambda: media_files.mp4()[:60] + media_files.mp4()[100:], DAMAGED),
    ("sound.mp4", "video", lambda: media_files.mp4(codec=b"mp4a", handler=b"soun"), refusal.NO_PICTURE),
    ("old.mp4", "video", lambda: media_files.mp4(codec=b"mp4v"), refusal.UNPLAYABLE),
    ("ok.mp4", "video", lambda: media_files.mp4(), ""),
    ("text.webm", "video", lambda: b"WEBVTT\n\n", OTHER_KIND),
    ("cut.webm", "video", lambda: media_files.webm()[:-8], DAMAGED),
    ("theora.webm", "video", lambda: media_files.webm(codec=b"V_THEORA"), refusal.UNPLAYABLE),
    ("sound.webm", "video", lambda: media_files.webm(codec=b"A_OPUS", track_type=b"\x02"), refusal.NO_PICTURE),
    ("ok.webm", "video", lambda: media_files.webm(), ""),
    ("cut.jpg", "image", lambda: media_files.picture("jpeg", size=(300, 300))[:-200][:2200], DAMAGED),
    # libjpeg shows grey where data of a scan are missing, and only warns.
    ("cut-with-end.jpg", "image", lambda: media_files.cut_jpeg(media_files.noise_jpeg()), DAMAGED),
    ("cut-progressive.jpg", "image", lambda: media_files.cut_jpeg(media_files.noise_jpeg(progressive=True)), DAMAGED),
    ("cut-at-restart.jpg", "image", lambda: media_files.jpeg_without_rows(3, None), DAMAGED),
    ("without-a-row.jpg", "image", lambda: media_files.jpeg_without_rows(3, 4), DAMAGED),
    ("without-colours.jpg", "image", lambda: media_files.jpeg_without_colours(), DAMAGED),
    ("whole-rows.jpg", "image", lambda: media_files.noise_jpeg(restart_marker_rows=1), ""),
    ("progressive.jpg", "image", lambda: media_files.noise_jpeg(progressive=True), ""),
    ("cut.png", "image", lambda: png()[:-40], DAMAGED),
    ("whole-rows.png", "image", lambda: media_files.png_of_bytes(2, 200), ""),
    ("cut-rows.png", "image", lambda: media_files.png_of_bytes(2, 199), DAMAGED),
    # Seven passes of 1, 1, 1, 2, 2, 4 and 4 rows.
    ("whole-passes.png", "image", lambda: media_files.png_of_bytes(0, 79, is_interlaced=True), ""),
    ("cut-passes.png", "image", lambda: media_files.png_of_bytes(0, 78, is_interlaced=True), DAMAGED),
    ("without-palette.png", "image", lambda: media_files.png_of_bytes(3, 72), DAMAGED),
    ("fine-colours.mp4", "video", lambda: media_files.mp4(codec=b"avc1", profile=110), refusal.UNPLAYABLE),
    ("cut.webp", "image", lambda: media_files.picture("webp", size=(300, 300))[:-20], DAMAGED),
    ("cut.gif", "image", lambda: media_files.plain_picture("gif", "P")[:-8], DAMAGED),
    ("cut.avif", "image", lambda: media_files.plain_picture("avif")[:-20], DAMAGED),
    ("png.jpg", "image", lambda: png(), OTHER_KIND),
    ("heic.avif", "image", lambda: media_files.plain_picture("avif").replace(b"avif", b"heic"), OTHER_KIND),
    ("text.png", "image", lambda: b"This is not an image", OTHER_KIND),
    ("one-bit.png", "image", lambda: media_files.one_bit_transparent(), ""),
    ("broken-profile.jpg", "image", lambda: plain("jpeg", "CMYK", icc_profile=b"broken" * 99), ""),
    ("profile-of-another-mode.jpg", "image", lambda: plain("jpeg", "L", icc_profile=media_files.ICC), ""),
    ("two-pictures.jpg", "image", lambda: frames("MPO"), ""),
    ("large-with-preview.jpg", "image", lambda: large_with_preview(), ""),
    *((f"moving.{kind}", "image", partial(frames, kind), "") for kind in ("png", "gif", "webp", "avif")),
    ("icon.png", "image", lambda: frames("ICO"), OTHER_KIND),
    ("vector.png", "image", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", OTHER_KIND),
    ("no-pixels.gif", "image", lambda: b"GIF89a" + bytes(7) + b";", DAMAGED),
    ("no-tracks.mp4", "video", lambda: media_files.mp4(handler=b"meta"), refusal.NO_PICTURE),
    ("line.png", "image", lambda: media_files.plain_picture("png", size=(3000, 1)), ""),
    *((f"{mode.replace(';', '')}.{kind}", "image", partial(media_files.plain_picture, kind, mode), "")
      for kind, mode in MODES),
    ("renamed.docx", "document", lambda: media_files.renamed_macros(), refusal.MACROS),
    ("pdf.docx", "document", lambda: pdf("Bonjour"), OTHER_KIND),
    ("zip.docx", "document", lambda: media_files.zip_file(), OTHER_KIND),
    ("old-or-encrypted.docx", "document", lambda: OLE, refusal.ENCRYPTED),
    ("cut.docx", "document", lambda: word("Bonjour", "Fin")[:-200], DAMAGED),
    ("without-main-part.docx", "document", lambda: with_parts(word("a"), {"word/document.xml": None}), DAMAGED),
    ("empty-main-part.docx", "document", lambda: with_parts(word("a"), {"word/document.xml": ""}), DAMAGED),
    ("other-main-part.docx", "document", lambda: with_parts(word("a"), {"word/document.xml": "<a/>"}), DAMAGED),
    ("unnamed-macros.docx", "document", lambda: with_type("vnd.ms-office.vbaProject"), MACROS),
    ("macro-sheet.docx", "document", lambda: with_type("vnd.ms-excel.macrosheet+xml"), MACROS),
    ("embedded-macros.docx", "document",
     lambda: with_parts(word("a"), {"word/embeddings/a.xlsx": media_files.renamed_macros()}), MACROS),
    ("empty-content.odt", "document", lambda: with_parts(open_document("a"), {"content.xml": ""}), DAMAGED),
    ("encrypted-as-a-whole.odt", "document", lambda: with_parts(open_document("a"), ODF_ENCRYPTED), refusal.ENCRYPTED),
    ("missing-sheet.xlsx", "document",
     lambda: with_parts(media_files.sheet_with_metadata(), {"xl/worksheets/sheet1.xml": None}), DAMAGED),
    ("broken-part.docx", "document", lambda: with_parts(word("a"), {"word/document.xml": "<w:document"}), DAMAGED),
    ("docx.xlsx", "document", lambda: word("Bonjour"), OTHER_KIND),
    ("ods.odt", "document", lambda: with_parts(open_document("a"), {"mimetype": "application/x"}), OTHER_KIND),
    ("macros.odt", "document", lambda: with_parts(open_document("a"), {"Basic/Standard/M.xml": "<m/>"}), MACROS),
    ("bomb.zip", "document", lambda: media_files.zip_file({"zeros": bytes(30 << 20)}), TOO_LARGE),
    ("bomb.docx", "document", lambda: with_parts(word("a"), {"word/a.xml": bytes(30 << 20)}), TOO_LARGE),
    ("empty.zip", "document", lambda: b"PK\5\6" + bytes(18), DAMAGED),
    ("cut.zip", "document", lambda: media_files.zip_file()[:-30], DAMAGED),
    ("encrypted.pdf", "document", lambda: media_files.encrypted_pdf(), refusal.ENCRYPTED),
    ("without-pages.pdf", "document", lambda: b"%PDF-1.4\n%%EOF\n", DAMAGED),
    ("text.pdf", "document", lambda: b"Bonjour", OTHER_KIND),
    ("picture.csv", "document", lambda: png(), OTHER_KIND),
    ("cp1252.csv", "document", lambda: "é;œ\r\n".encode("cp1252"), ""),
    ("note.txt", "document", lambda: "Bonjour".encode("utf-16"), ""),
    ("ok.pdf", "document", lambda: pdf("Bonjour"), ""),
    ("ok.docx", "document", lambda: word("Bonjour", "Fin"), ""),
    ("ok.odt", "document", lambda: open_document("Titre", "Bonjour"), ""),
    ("ok.xlsx", "document", lambda: media_files.sheet_with_metadata(), ""),
    ("ok.zip", "document", lambda: media_files.zip_file(), ""),
    ("cut-proof.png", "proof", lambda: png()[:-40], DAMAGED),
    ("text-proof.pdf", "proof", lambda: b"Bonjour", OTHER_KIND),
    ("cut-avatar.png", "avatar", lambda: png()[:-40], DAMAGED),
]  # fmt: skip

WITH_METADATA = {
    "a.jpg": partial(media_files.picture, "jpeg", orientation=6),
    "a.png": partial(media_files.picture, "png", orientation=6),
    "a.webp": partial(media_files.picture, "webp", orientation=6),
    "a.gif": partial(media_files.picture, "gif"),
    "a.avif": partial(media_files.picture, "avif"),
    "a.mp4": partial(media_files.mp4),
    "a.webm": partial(media_files.webm),
    "a.docx": partial(media_files.word_with_metadata),
    "a.xlsx": partial(media_files.sheet_with_metadata),
    "a.odt": partial(media_files.open_document_with_metadata),
    "a.pdf": partial(media_files.pdf_with_metadata),
    **{f"{number}.pdf": make for number, make in enumerate(hidden_metadata.PDF_FILES)},
    **{f"{name}.docx": partial(hidden_metadata.in_word, name) for name in hidden_metadata.WORD_PARTS},
    **{f"{name}.xlsx": partial(hidden_metadata.in_sheet, name) for name in hidden_metadata.SHEET_PARTS},
    **{f"{name}.odt": partial(hidden_metadata.in_open_document, name) for name in hidden_metadata.OPEN_DOCUMENT_PARTS},
    **{f"{number}.mp4": make for number, make in enumerate(hidden_metadata.MP4_FILES)},
    **{f"{number}.webm": make for number, make in enumerate(hidden_metadata.WEBM_FILES)},
}
KINDS = {"mp4": "video", "webm": "video", "docx": "document", "xlsx": "document", "odt": "document", "pdf": "document"}


def inspect(name, kind, content, **options):
    """Return the uploaded file and what was found in it."""
    upload = SimpleUploadedFile(name, content)
    return upload, inspect_file(upload, kind, name, **options)


def everything(name, data):
    """Return all bytes of a file, packed ones unpacked at any depth."""
    found = [data, data.decode("utf-16-le", "ignore").encode()]
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found += [everything(member, archive.read(member)) for member in archive.namelist()]
    if data.startswith(b"{\\rtf"):
        for digits in re.findall(rb"(?<![\w-])[0-9a-fA-F\s]{64,}", data):
            text = b"".join(digits.split()).decode()
            found.append(bytes.fromhex(text[: len(text) // 2 * 2]))
    if name.endswith(".mht"):
        found += [part.get_payload(decode=True) or b"" for part in email.message_from_bytes(data).walk()]
    if name.endswith(".pdf"):
        with pikepdf.open(io.BytesIO(data)) as document:
            for item in document.objects:
                found.append(str(item).encode())
                if isinstance(item, pikepdf.Stream):
                    is_picture = "/DCTDecode" in str(item.get("/Filter")) or "/JPXDecode" in str(item.get("/Filter"))
                    found.append(item.read_raw_bytes() if is_picture else everything("", item.read_bytes()))
    for part in list(found):
        for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", part):
            try:
                found.append(zlib.decompressobj().decompress(part[match.start() :]))
            except zlib.error:
                continue
    return b"".join(found)


@pytest.mark.parametrize(("name", "kind", "content", "reason"), TABLE, ids=[f"{row[1]}-{row[0]}" for row in TABLE])
def test_a_file_is_accepted_or_refused_with_its_reason(name, kind, content, reason):
    specs = declared_specs() if kind == "image" else ()
    content = content()
    if reason:
        with pytest.raises(FileRefused) as refused:
            inspect(name, kind, content, specs=specs)
        assert refused.value.reason == reason
    else:
        _upload, found = inspect(name, kind, content, specs=specs)
        assert set(found.renditions) == set(specs)
        for rendition in found.renditions.values():
            Image.open(rendition).load()


@pytest.mark.parametrize("name", WITH_METADATA)
def test_an_uploaded_file_loses_its_metadata(name):
    content = WITH_METADATA[name]()
    assert media_files.BYTES in everything(name, content)
    kind = KINDS.get(name.split(".")[1], "image")
    upload, found = inspect(name, kind, content, specs=declared_specs() if kind == "image" else ())
    clean = upload.read()
    assert upload.size == len(clean)
    for stored in (clean, *(rendition.read() for rendition in found.renditions.values())):
        assert media_files.BYTES not in everything(name, stored)
    again, second = inspect(name, kind, clean)
    assert not second.is_changed
    assert again.read() == clean
    if kind == "video":
        assert found.seconds == 8
    else:
        OPENERS[name.split(".")[1]](io.BytesIO(clean))


def _open_picture(stream):
    with Image.open(stream) as image:
        image.load()
        assert image.info.get("icc_profile") or image.format == "GIF"
        turned = ImageOps.exif_transpose(image)
        if image.format in ("JPEG", "PNG", "WEBP"):
            assert turned.size == (40, 60)
            red, _green, blue = turned.convert("RGB").getpixel((35, 5))
            assert red > 150 > blue
        else:
            assert image.size == (60, 40)


OPENERS = {
    **dict.fromkeys(("jpg", "png", "webp", "gif", "avif"), _open_picture),
    "docx": lambda stream: docx.Document(stream).paragraphs[0].text == "Bonjour",
    "xlsx": lambda stream: openpyxl.load_workbook(stream),
    "odt": lambda stream: odfdo.Document(stream).body.get_elements("//text:p"),
    "pdf": lambda stream: pikepdf.open(stream).check_pdf_syntax(),
}


def test_a_large_file_without_a_temporary_upload_is_not_held_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(inspector, "run", inspector.run.run)  # A remembered result is read as a whole.
    path, size = tmp_path / "a.mp4", 60 << 20
    path.write_bytes(media_files.mp4(sample=bytes(size)))
    with path.open("rb") as stored:
        file = File(stored, name="a.mp4")
        tracemalloc.start()
        try:
            found = inspect_file(file, "video")
            _size, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert found.is_changed
        assert peak < size / 4
        clean = b"".join(file.chunks())
        assert file.size == len(clean) > size
        assert media_files.BYTES not in clean
        file.file.close()


def test_renditions_are_turned_as_the_camera_was_held():
    _upload, found = inspect("a.jpg", "image", WITH_METADATA["a.jpg"](), specs=["max-1600x1600"])
    assert Image.open(found.renditions["max-1600x1600"]).size == (40, 60)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_picture_of_an_office_file_looks_as_before(order):
    made = hidden_metadata.tiff(order)
    clean = without_embedded_metadata(made, Allowance())
    assert len(clean) == len(made)
    with Image.open(io.BytesIO(made)) as before, Image.open(io.BytesIO(clean)) as after:
        assert before.tobytes() == after.tobytes()
        assert set(after.tag_v2) < set(before.tag_v2)


@pytest.mark.parametrize("make", [hidden_metadata.emf, hidden_metadata.wmf, hidden_metadata.tiff])
def test_a_packed_metafile_loses_its_metadata(make):
    clean = gzip.decompress(without_embedded_metadata(gzip.compress(make()), Allowance()))
    assert len(clean) == len(make())
    assert media_files.BYTES not in everything("", clean)


def test_a_damaged_metafile_stays_as_it_is():
    for data in (hidden_metadata.tiff()[:60], hidden_metadata.emf()[:130], hidden_metadata.wmf()[:30], b"\x1f\x8b\x08"):
        assert without_embedded_metadata(data, Allowance()) == data


def test_an_animation_keeps_its_frames():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0, comment=media_files.BYTES)
    upload, _found = inspect("a.gif", "image", out.getvalue())
    with Image.open(upload) as image:
        assert (image.n_frames, image.info.get("loop")) == (3, 0)


def test_a_proof_is_opened_and_stays_as_it_was_signed():
    content = media_files.pdf_with_metadata()
    upload, _found = inspect("proof.pdf", "proof", content)
    assert upload.read() == content


def test_a_process_without_result_is_a_refusal(monkeypatch):
    monkeypatch.setitem(inspector.LIMITS, "image", inspector.Limits(seconds=10, memory=60 << 20))
    with pytest.raises(FileRefused) as refused:
        inspect("large.png", "image", png(4000, 4000, "#123456"))
    assert refused.value.reason == refusal.TOO_COMPLEX


def test_the_child_process_gets_no_secret(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "cms.media.inspection.inspector.subprocess.run", lambda *args, **options: calls.append(options) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        inspect("unseen.png", "image", png(3, 7))
    assert set(calls[0]["env"]) == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}


def test_xml_is_measured_in_every_encoding_and_position():
    for data in (
        '<a b="1" c="2"><d xmlns="x"/></a>',
        '<?xml version="1.0" encoding="utf-16"?><a b="" c=""><d/><e/></a>',
    ):
        encoded = data.encode("utf-16" if "utf-16" in data else "utf-8")
        assert xml_size.measure_xml(encoded, allowance.Allowance()) == 5

"""Small files that unpack to much, or name the same bytes many times, take little memory and time of the child."""

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from cms.media.inspection import refusal
from cms.media.inspection.limits import allowance
from tests.factories import media_files


def noise(size):
    """Return letters that do not compress, so that a small file may unpack to much."""
    return random.Random(1).randbytes(size // 2).hex()


WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body, **parts):
    """Return a Word file whose document has a body, with further parts by name."""
    with zipfile.ZipFile(io.BytesIO(media_files.word_with_metadata())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/document.xml"] = f"<w:document {WORD}>{body}</w:document>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (members | parts).items():
            archive.writestr(name, data)
    return out.getvalue()


def many_namespaces():
    opened = "".join(
        f'<a xmlns:n{number}="x{number}"' + "".join(f' xmlns:m{number}_{each}="y"' for each in range(900)) + ">"
        for number in range(100)
    )
    return opened + "</a>" * 100


DOCUMENTS = {
    "elements": lambda: word("<a/>" * 24_000_000 + noise(1_200_000)),
    "attributes": lambda: word('<a b="" c="" d="" e=""/>' * 4_000_000 + noise(1_200_000)),
    "parts": lambda: word(
        "", **{f"word/p{each}.xml": "<a>" + "<b/>" * 700_000 + noise(60_000) + "</a>" for each in range(20)}
    ),
    "authors": lambda: word(
        "", **{f"word/p{each}.xml": "<a>" + '<b author="x"/>' * 700_000 + noise(60_000) + "</a>" for each in range(5)}
    ),
    "nesting": lambda: word("<a>" * 300 + "</a>" * 300),
    "one attribute": lambda: word(f'<a b="{"x" * 12_000_000}{noise(200_000)}"/>'),
    "attributes of one element": lambda: word("<a " + " ".join(f'b{each}=""' for each in range(2_000)) + "/>"),
    "namespaces": lambda: word(many_namespaces()),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_measured_before_a_tree_is_built(measured, name):
    content = DOCUMENTS[name]()
    assert len(content) < 4_000_000
    assert measured("a.docx", "document", content) == refusal.TOO_COMPLEX


def test_entities_are_refused_before_they_are_replaced(measured):
    entities = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{each} "{"&a;" * 10}">' for each in range(1, 10)
    )
    body = f"{entities}]><a>&a9;</a>"
    assert measured("a.docx", "document", word("", **{"word/styles.xml": body})) == refusal.DAMAGED


def test_a_sheet_of_a_hundred_thousand_cells_is_accepted(measured):
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="A{row}" s="1" t="n"><v>{row}</v></c>' for _ in range(10)) + "</row>"
        for row in range(50_000)
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{rows}</worksheet>'
    content = word("<w:p/>", **{"word/embeddings/sheet1.xml": sheet})
    assert measured("a.docx", "document", content) == ""


def test_embedded_files_count_together(measured):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("a.bin", bytes(60 << 20) + random.Random(1).randbytes(400_000))
    inner = {f"word/embeddings/{each}.docx": packed.getvalue() for each in range(5)}
    assert measured("a.docx", "document", word("", **inner)) == refusal.TOO_LARGE_UNPACKED


@pytest.mark.parametrize("extension", ["zip", "docx"])
def test_an_archive_of_many_tiny_members_is_cheap(measured, extension):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(allowance.MAX_MEMBERS):
            archive.writestr(f"{number}.xml", b"")
    expected = {"zip": "", "docx": refusal.OTHER_KIND}
    assert measured(f"a.{extension}", "document", out.getvalue()) == expected[extension]


def tiff(entries):
    """Return a TIFF image with many entries of an unknown tag, each of which names the whole file."""
    size = 8 + 2 + 12 * entries + 4
    entry = struct.pack("<HHII", 40_000, 1, 0, 0)[:4] + struct.pack("<II", size, 0)
    return struct.pack("<4sI", b"II*\0", 8) + struct.pack("<H", entries) + entry * entries + bytes(4)


@pytest.mark.parametrize(("entries", "reason"), [(15_000, ""), (60_000, refusal.TOO_COMPLEX)])
def test_entries_of_a_picture_that_name_the_same_bytes_are_erased_once(measured, entries, reason):
    content = word("", **{"word/media/image1.tiff": tiff(entries) + b"x"})
    assert measured("a.docx", "document", content) == reason


def box(kind, *parts):
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def track(number, handler, codec, offsets, size):
    tkhd = box(b"tkhd", struct.pack(">IIII", 0, 0, 0, number), bytes(68))
    mdhd = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 1000, 1000), bytes(4))
    hdlr = box(b"hdlr", bytes(8), handler, bytes(12), b"\0")
    stsd = box(b"stsd", struct.pack(">II", 0, 1), box(codec, bytes(78)))
    stsz = box(b"stsz", struct.pack(">III", 0, size, len(offsets)))
    stsc = box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1))
    stco = box(b"stco", struct.pack(">II", 0, len(offsets)), struct.pack(f">{len(offsets)}I", *offsets))
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", box(b"stbl", stsd, stsz, stsc, stco))))


def mp4(*, ranges=1, extra=b"", payload=4_000_000):
    """Return a video whose hidden track names the same bytes again and again."""

    def head(start):
        header = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 1000), bytes(80))
        hidden = track(2, b"meta", b"mett", [start] * ranges, payload)
        movie = box(b"moov", header, track(1, b"vide", b"avc1", [start], 100), hidden, extra)
        return box(b"ftyp", b"isom", bytes(4), b"isom") + movie

    return head(len(head(0)) + 8) + box(b"mdat", b"\1" * payload)


def avif(items, *, extents=1, payload=0):
    """Return an AVIF file of EXIF items, all of whose extents are the same bytes, or have none."""
    names = [box(b"infe", b"\2\0\0\0", struct.pack(">HH", number, 0), b"Exif") for number in range(items)]
    entries = box(b"iinf", bytes(4), struct.pack(">H", items), *names)

    def head(start):
        place = struct.pack(">II", start, payload) if payload else b""
        located = [struct.pack(">HHHH", number, 0, 0, extents) + place * extents for number in range(items)]
        sizes = b"\x44\0" if payload else b"\0\0"
        places = box(b"iloc", b"\1\0\0\0", sizes, struct.pack(">H", items), *located)
        return box(b"ftyp", b"avif", bytes(4), b"avif") + box(b"meta", bytes(4), entries, places)

    return head(len(head(0)) + 8) + box(b"mdat", b"\1" * payload)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: avif(2_000, extents=65_535), refusal.TOO_COMPLEX),
        (lambda: avif(2_000, payload=1_000_000), ""),
    ],
    ids=["extents without bytes", "the same bytes"],
)
def test_the_places_of_an_avif_picture_are_counted(measured, content, reason):
    assert measured("a.docx", "document", word("", **{"word/media/a.avif": content()})) == reason


def nested(depth):
    return box(b"moov", nested(depth - 1)) if depth else b""


VIDEOS = {
    "a range a hundred thousand times": (lambda: mp4(ranges=100_000), ""),
    "a million ranges": (lambda: mp4(ranges=1_000_000, payload=1000), refusal.TOO_COMPLEX),
    "a million boxes": (lambda: mp4(extra=box(b"mvex", box(b"trex") * 1_000_000)), refusal.TOO_COMPLEX),
    "boxes of many tracks": (
        lambda: mp4(extra=box(b"mvex", box(b"trex") * 90_000) * 6),
        refusal.TOO_COMPLEX,
    ),
    "nesting": (lambda: mp4(extra=nested(500)), refusal.TOO_COMPLEX),
}


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_is_written_once_however_often_it_names_its_bytes(measured, name):
    make, reason = VIDEOS[name]
    assert measured("a.mp4", "video", make()) == reason


def pdf(*objects):
    """Return a PDF file of a catalogue, which is added, and objects from number 2 on."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.5\n")
    for number, content in enumerate((b"<</Type/Catalog/Pages 2 0 R>>", *objects), 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = out.tell()
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer <</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start)
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table + trailer)
    return out.getvalue()


def packed_stream(data, filters=b"/FlateDecode"):
    return b"<</Filter %b/Length %d>>stream\n%b\nendstream" % (filters, len(data), data)


def pages(number, contents, *streams):
    """Return a PDF file of pages with the same contents, whose streams have the numbers from 3 on."""
    first = 3 + len(streams)
    kids = b" ".join(b"%d 0 R" % each for each in range(first, first + number))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents %b>>" % contents
    return pdf(b"<</Type/Pages/Count %d/Kids[%b]>>" % (number, kids), *streams, *([page] * number))


def repeated(size):
    return zlib.compress(b"q Q " * (size // 4), 9)


PDF_FILES = {
    "a stream of 9,000 pages": (lambda: pages(9_000, b"3 0 R", packed_stream(repeated(4_000_000))), ""),
    "an array of 9,000 pages": (
        lambda: pages(9_000, b"[3 0 R 4 0 R null]", *[packed_stream(repeated(1_000_000))] * 2),
        "",
    ),
    "a stream packed twice": (
        lambda: pages(
            1, b"3 0 R", packed_stream(zlib.compress(repeated(600_000_000), 9), b"[/FlateDecode/FlateDecode]")
        ),
        refusal.TOO_COMPLEX,
    ),
    "many streams": (
        lambda: pages(
            1, b"[" + b"".join(b"%d 0 R " % n for n in range(3, 15)) + b"]", *[packed_stream(repeated(20_000_000))] * 12
        ),
        refusal.TOO_LARGE_UNPACKED,
    ),
    "nesting": (lambda: pdf(b"[" * 400_000 + b"]" * 400_000), refusal.DAMAGED),
    "pages inside themselves": (lambda: pdf(b"<</Type/Pages/Count 1/Kids[2 0 R]>>"), refusal.DAMAGED),
    "an attachment of 1,000 places": (
        lambda: pages(1, b"3 0 R", packed_stream(repeated(40_000_000)), *[b"<</EF<</F 3 0 R>>>>"] * 1_000),
        refusal.TOO_LARGE_UNPACKED,
    ),
}


@pytest.mark.parametrize("name", PDF_FILES)
def test_the_streams_of_a_pdf_are_read_once_and_counted(measured, name):
    make, reason = PDF_FILES[name]
    assert measured("a.pdf", "document", make()) == reason


BLOCK = b"\xa3\x84\x81\0\0\x80"
CLUSTER = bytes.fromhex("1f43b675")
TIMESTAMP = b"\xe7\x81\0"


def webm(*parts):
    """Return a WebM video with a track, a cluster, and further parts of the segment."""
    element = media_files.element
    track = element("ae", element("d7", b"\1"), element("83", b"\1"), element("86", b"V_VP9"))
    info = element("1549a966", element("2ad7b1", (1_000_000).to_bytes(3, "big")))
    segment = element("18538067", info, element("1654ae6b", track), element("1f43b675", TIMESTAMP, BLOCK), *parts)
    return element("1a45dfa3", element("4282", b"webm")) + segment


def nested_chapters(depth):
    return media_files.element("45b9", nested_chapters(depth - 1)) if depth else b""


WEBM_FILES = {
    "blocks of a cluster": (lambda: webm(media_files.element("1f43b675", BLOCK * 300_000)), refusal.TOO_COMPLEX),
    "blocks of many clusters": (
        lambda: webm(media_files.element("1f43b675", BLOCK * 150_000) * 15),
        refusal.TOO_COMPLEX,
    ),
    "clusters of unknown size": (lambda: webm((CLUSTER + b"\xff" + TIMESTAMP + BLOCK) * 50_000), ""),
    "many clusters of unknown size": (
        lambda: webm((CLUSTER + b"\xff" + TIMESTAMP + BLOCK * 150_000) * 12),
        refusal.TOO_COMPLEX,
    ),
    "a group of unknown size": (lambda: webm(media_files.element("1f43b675", b"\xa0\xff" + BLOCK)), refusal.DAMAGED),
    "nesting": (lambda: webm(media_files.element("1043a770", nested_chapters(100))), refusal.TOO_COMPLEX),
}


@pytest.mark.parametrize("name", WEBM_FILES)
def test_the_elements_of_a_webm_video_are_counted(measured, name):
    make, reason = WEBM_FILES[name]
    assert measured("a.webm", "video", make()) == reason


def test_a_refused_file_leaves_nothing(measured, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert measured("a.docx", "document", DOCUMENTS["nesting"]())
    assert list(Path(folder).iterdir()) == []

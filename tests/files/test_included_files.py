"""RTF files, web pages and web archives inside office files lose their metadata, in linear time."""

import contextlib
import email
import io
import re
import struct
import time
import zipfile

import olefile
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cms.media.inspection import refusal
from cms.media.inspection.inspector import inspect_file
from cms.media.inspection.limits.allowance import Allowance
from cms.media.inspection.metafiles import without_text_metadata
from cms.media.inspection.packed_documents import without_embedded_metadata
from cms.media.inspection.refusal import Refused
from tests.factories import media_files
from tests.factories.files import word
from tests.factories.media_files import with_parts
from tests.files import embedded_objects, hidden_metadata
from tests.files.compound_files import SAMPLES, compound_file, property_set


def test_pictures_inside_included_texts_can_be_opened():
    rtf = without_embedded_metadata(hidden_metadata.PICTURES_IN_RTF, Allowance())
    digits = re.findall(rb"(?<![\w-])[0-9a-f]{99,}", rtf)
    (length,) = re.findall(rb"\\bin(\d+) ", rtf)
    binary = rtf.partition(b"\\bin%b " % length)[2][: int(length)]
    for content in (*(bytes.fromhex(each.decode()) for each in digits), binary):
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    assert rtf.endswith(b"}}")
    assert len(digits) == 2
    archive = without_embedded_metadata(hidden_metadata.WEB_ARCHIVE.encode(), Allowance())
    page, picture = email.message_from_bytes(archive).get_payload()
    assert picture["Content-Location"].encode() in page.get_payload(decode=True)
    with Image.open(io.BytesIO(picture.get_payload(decode=True))) as image:
        image.load()


def test_embedded_objects_can_be_opened():
    clean = without_embedded_metadata(embedded_objects.OBJECT, Allowance())
    assert len(clean) == len(embedded_objects.OBJECT)
    with olefile.OleFileIO(clean) as file:
        assert file.get_metadata().author is None
        assert file.openstream("\x01CompObj").read() == b"Word"
        native = file.openstream("\x01Ole10Native").read()
        picture = native[native.index(b"\xff\xd8") :]
        assert native.startswith(struct.pack("<IH", len(native[4:].rstrip(b"\0")), 2) + b"a.bin\0a.bin\0")
        package = file.openstream("Package").read()
    with Image.open(io.BytesIO(picture)) as image:
        image.load()
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.testzip() is None
        assert "content.xml" in archive.namelist()


def test_office_files_before_2007_keep_their_tables_and_texts():
    for name, stream, text in (("changes.doc", "WordDocument", "monde"), ("notes.xls", "Workbook", "Bonjour")):
        before = (SAMPLES / name).read_bytes()
        clean = without_embedded_metadata(before, Allowance())
        with olefile.OleFileIO(clean) as file, olefile.OleFileIO(before) as original:
            assert file.listdir() == original.listdir()
            found = file.openstream(stream).read()
        assert text.encode() in found or text.encode("utf-16-le") in found
        for each in (b"note", "note".encode("utf-16-le")):
            assert clean.count(each) == before.count(each)


def test_a_damaged_stream_does_not_keep_the_metadata_of_others():
    damaged = {
        "\x01Ole10Native": b"\xff" * 40,
        "Current User": b"\xff" * 40,
        "WordDocument": b"\xec\xa5" + b"\xff" * 40,
    }
    content = compound_file(damaged | {"\x05SummaryInformation": property_set(media_files.MARK)})
    clean = without_embedded_metadata(content, Allowance())
    assert media_files.BYTES not in clean
    with olefile.OleFileIO(clean) as file:
        assert {name: file.openstream(name).read() for name in damaged} == damaged


def test_an_embedded_object_whose_sectors_form_a_circle_harms_nothing():
    """olefile follows a chain of sectors until it ends: the file is read in the child process, which has limits."""
    content = bytearray((SAMPLES / "changes.doc").read_bytes())
    (table,) = struct.unpack_from("<I", content, 76)
    with olefile.OleFileIO(bytes(content)) as file:
        first = file.root.isectStart
    struct.pack_into("<I", content, 512 * (table + 1) + 4 * first, first)
    document = with_parts(word("Bonjour"), {"word/embeddings/a.doc": bytes(content)})
    upload = SimpleUploadedFile("a.docx", document)
    inspect_file(upload, "document", "a.docx")
    with zipfile.ZipFile(io.BytesIO(upload.read())) as archive:
        assert archive.read("word/embeddings/a.doc") == content


def test_a_packed_file_of_an_unknown_version_stays_as_it_is():
    content = bytearray(with_parts(word("Bonjour"), {}))
    content[content.index(b"PK\x01\x02") + 6] = 125
    assert without_embedded_metadata(bytes(content), Allowance()) == content


def test_macros_in_an_embedded_object_are_refused():
    with pytest.raises(Refused) as refused:
        without_embedded_metadata(compound_file({"_VBA_PROJECT_CUR": b"a", "Workbook": b"b"}), Allowance())
    assert refused.value.reason == refusal.MACROS


def test_an_embedded_object_has_a_limited_number_of_streams(monkeypatch):
    content = compound_file({"a": b"a", "b": b"b", "c": b"c"})
    assert without_embedded_metadata(content, Allowance()) == content
    monkeypatch.setattr("cms.media.inspection.office.compound_files.MAX_STREAMS", 2)
    with pytest.raises(Refused) as refused:
        without_embedded_metadata(content, Allowance())
    assert refused.value.reason == refusal.TOO_COMPLEX


OBJECTS = [embedded_objects.OBJECT, *(path.read_bytes() for path in sorted(SAMPLES.glob("*.*")))]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(OBJECTS) - 1), st.randoms(use_true_random=False))
def test_damaged_objects_keep_their_length(number, random):
    content = bytearray(OBJECTS[number])
    for _time in range(random.randint(1, 8)):
        # The header and the tables at both ends are damaged more often than the content.
        place = random.choice([random.randrange(8, 80), random.randrange(8, len(content)), -random.randrange(1, 4000)])
        content[place] = random.randrange(256)
    with contextlib.suppress(Refused):
        assert len(without_embedded_metadata(bytes(content), Allowance())) == len(content)


@pytest.mark.parametrize(
    "kept",
    [
        "https://example.org/C:/a", "mailto:a@b.org", "../Images/a.png", "#Titre", "/word/media/a.png", "a.png",
        "\\-0,00", "http://example.org/Users/a", "T10:/", "Voir C:\\Users\\a\\b.txt",
    ],
)  # fmt: skip
def test_other_links_and_visible_texts_keep_their_paths(kept):
    part = f'<w:ftr xmlns:w="w"><a href="{kept}"/><w:t>C:\\Users\\a\\b.txt</w:t></w:ftr>'
    content = with_parts(word("Bonjour"), {"word/footer9.xml": part})
    with zipfile.ZipFile(io.BytesIO(without_embedded_metadata(content, Allowance()))) as archive:
        assert archive.read("word/footer9.xml").decode() == part


def test_an_e_mail_inside_a_document_keeps_its_sender():
    mail = b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
    assert without_embedded_metadata(mail, Allowance()) == mail


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ('<meta name=author content="{} charset=utf-8">', ""),
        ('<meta name="author" content="{} &lt;a@b.org> charset">', ""),
        ("<META CONTENT='>{}' NAME = author />", ""),
        ('<meta property="og:author" content="{}">', ""),
        ('<meta charset="utf-8" name="author" content="{}">', '<meta charset="utf-8"/>'),
        ('<meta name={0} http-equiv=Content-Type content="text/html; charset=utf-8; {0}">', '<meta charset="utf-8"/>'),
        ('<link rel="stylesheet author" href="{}">', ""),
        ('<link rel=File-List href="{}/filelist.xml">', ""),
        ('<link rel="&#97;uthor" href="{}">', ""),
        ('<link rel=&#x41;uthor href="{}">', ""),
        ('<link rel="&#%s;" href="{}">' % ("9" * 5000), None),
        ('<link rel="stylesheet" href="names.css?file-list">', None),
        ('<meta http-equiv="Content-Type" content="text/html; charset=utf-8">', None),
        ('<meta http-equiv="refresh" content="5; url=name.htm">', None),
        ("<linked name=a>", None),
    ],
)
def test_tags_of_an_included_web_page_lose_names_by_their_attributes(tag, kept):
    tag = tag.replace("{}", media_files.MARK).replace("{0}", media_files.MARK)
    page = '<html><head>{}</head><body><p title="name">C\'est "bon"</p></body></html>'
    found = without_text_metadata(page.format(tag).encode()).decode()
    assert found == page.format(tag if kept is None else kept)


def test_a_quotation_mark_that_nothing_closes_ends_with_its_tag():
    page = f'<html><meta name=author content="{media_files.MARK} charset><p>Bonjour'
    assert without_text_metadata(page.encode()) == b"<html><p>Bonjour"


@pytest.mark.parametrize("start", [b"{\\rtf1 ", b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"])
@pytest.mark.parametrize("part", [b"ab ", b"a", b" ", b"\\bin9 ", b"{\\pict ff", b"--b\nA: b\n\nc\n", b"--b\n"])
def test_hostile_texts_are_read_in_linear_time(start, part):
    data = start + part * (2_000_000 // len(part))
    started = time.process_time()
    with contextlib.suppress(Refused):
        without_text_metadata(data)
    assert time.process_time() - started < 5


def test_parts_of_a_web_archive_inside_each_other_are_counted():
    data = b"MIME-Version: 1.0\n" + b"".join(
        b'Content-Type: multipart/related; boundary="%d"\n\n--%d\n' % (number, number) for number in range(500)
    )
    with pytest.raises(Refused) as refused:
        without_text_metadata(data)
    assert refused.value.reason == refusal.TOO_COMPLEX


@pytest.mark.parametrize("part", [b'<meta a="', b"<meta a='<link b=\"", b"<meta ", b"<meta" + b" " * 50, b'<meta a=""'])
def test_hostile_web_pages_are_read_in_linear_time(part):
    page = b"<html>" + part * (2_000_000 // len(part))
    started = time.process_time()
    without_text_metadata(page)
    assert time.process_time() - started < 5

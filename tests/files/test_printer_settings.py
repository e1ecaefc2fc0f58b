"""The name of a printer is removed from large sheets without a tree, and from all others as before."""

import io
import zipfile

import pytest

from cms.media.inspection import packed_documents, refusal
from cms.media.inspection.limits import xml_parts
from cms.media.inspection.limits.allowance import Allowance
from tests.factories import media_files

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{}</worksheet>'
)


def cleaned(sheet):
    data = SHEET.format(sheet).encode()
    return packed_documents._clean_part("xl/worksheets/sheet1.xml", data, Allowance(), 1).decode()


def workbook(sheet):
    """Return a document in which a sheet is embedded."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(media_files.word_with_metadata())) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            archive.writestr(name, source.read(name))
        archive.writestr("word/embeddings/sheet1.xml", sheet)
    return out.getvalue()


def test_a_large_sheet_that_somebody_has_printed_is_accepted(measured):
    """50,000 rows of public data were refused after a print, and accepted before it."""
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="A{row}" s="1" t="n"><v>{row}</v></c>' for _ in range(10)) + "</row>"
        for row in range(50_000)
    )
    setup = '<pageSetup paperSize="9" orientation="portrait" r:id="rId1"/>'
    assert measured("a.docx", "document", workbook(SHEET.format(rows + setup))) == ""
    assert measured("a.docx", "document", workbook(SHEET.format(rows + '<a author="x"/>'))) == refusal.TOO_COMPLEX


@pytest.mark.parametrize(
    "setup",
    [
        '<pageSetup paperSize="9" orientation="portrait" r:id="rId1"/>',
        "<pageSetup\n r:id = 'rId1' scale=\"5\"></pageSetup>",
        '<pageSetup id="x" r:id="rId1" xmlns:id="y" id:other="z"/>',
        '<x:pageSetup xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r:id="rId1"/>',
        '<pageSetup a="&gt;>" r:id="rId1"/>',
        '<!-- a --><pageSetup r:id="rId1"/>',
        "<a/>",
    ],
)
def test_both_ways_remove_the_same(setup, monkeypatch):
    found = xml_parts._tree(cleaned(f'<sheetData/>{setup}<b id="kept"/>').encode())
    monkeypatch.setattr(packed_documents, "_without_printer", lambda data: data)
    expected = xml_parts._tree(cleaned(f'<sheetData/>{setup}<b id="kept"/>').encode())

    def content(root):
        return [(each.tag, dict(each.attrib)) for each in root.iter() if isinstance(each.tag, str)]

    assert content(found) == content(expected)
    assert not any("rId1" in dict(each.attrib).values() for each in found.iter())


def test_text_that_looks_like_a_tag_stays():
    text = '<c><![CDATA[<pageSetup r:id="x"/>]]></c>'
    assert '&lt;pageSetup r:id="x"/&gt;' in cleaned(text) or text in cleaned(text)

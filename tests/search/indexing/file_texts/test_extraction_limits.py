"""Small office files that hold much take little memory and time of the process that extracts their text."""

import codecs
import hashlib
import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from search.indexing.file_texts import extraction_process, rich_text_format
from search.indexing.file_texts.extraction import UnreadableFile, extract_text
from tests.factories import files
from tests.files.included_texts import with_included
from tests.measured_programs import MeasuredProgram

SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return a function that extracts the text of a file within the bounds."""
    program = MeasuredProgram(Path(extraction_process.__file__), tmp_path)
    monkeypatch.setattr(extraction_process, "__file__", str(program.path))

    def measured(name, data):
        try:
            return extract_text(ContentFile(data, name=name), hashlib.sha1(data, usedforsecurity=False).hexdigest())
        finally:
            program.check_bounds()

    return measured


def packed(**members):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_document(document, **members):
    with zipfile.ZipFile(BytesIO(files.word("a", "b"))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return packed(**(parts | {"word/document.xml": f"<w:document {WORD}>{document}</w:document>"} | members))


def relations(*entries):
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(entries)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def sheet(*, shared, rows):
    """Return an XLSX file with shared strings and one sheet."""
    return packed(
        **{
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook {SHEET} xmlns:r="{RELATION}"><sheet name="a" r:id="r0"/></workbook>',
            "xl/_rels/workbook.xml.rels": relations(("worksheet", "sheet.xml"), ("sharedStrings", "strings.xml")),
            "xl/strings.xml": f"<sst {SHEET}>{shared}</sst>",
            "xl/sheet.xml": f"<worksheet {SHEET}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def slides(number, slide):
    """Return a presentation that shows the same slide many times."""
    space = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    listed = '<p:sldId r:id="r0"/>' * number
    return packed(
        **{
            "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": f'<p:presentation {space} xmlns:r="{RELATION}">{listed}</p:presentation>',
            "ppt/_rels/presentation.xml.rels": relations(("slide", "slide.xml")),
            "ppt/slide.xml": f"<p:sld {space}>{slide}</p:sld>",
        }
    )


HOSTILE = {
    "a.docx": lambda: with_document("<a/>" * 20_000_000),
    "attributes.docx": lambda: with_document('<a b="" c="" d="" e=""/>' * 4_000_000),
    "nesting.docx": lambda: with_document("<a>" * 300 + "</a>" * 300),
    "strings.xlsx": lambda: sheet(shared="<si><t>a</t></si>" * 3_000_000, rows=""),
    "odt.odt": lambda: packed(**{"content.xml": "<a>" + "<b/>" * 20_000_000 + "</a>"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_part_is_measured_before_its_tree_is_built(read, name):
    with pytest.raises(UnreadableFile, match=r"too_complex|more elements"):
        read(name, HOSTILE[name]())


def test_a_slide_that_is_listed_many_times_is_read_once(read):
    assert read("a.pptx", slides(10_000, "<a/>" * 100_000)) == ""


def test_a_text_that_many_cells_show_is_cut(read):
    word = random.Random(1).randbytes(500_000).hex()
    row = "<row>" + '<c t="s"><v>0</v></c>' * 16_000 + "</row>"
    text = read("a.xlsx", sheet(shared=f"<si><t>{word}</t></si>", rows=row * 10))
    assert len(text) == extraction_process.MAX_CHARACTERS


def test_the_cells_of_a_row_are_words_of_one_line(read):
    shared = "".join(f"<si><t>{each}</t></si>" for each in ("lundi", "mardi", "jeudi"))
    rows = '<row><c t="s"><v>0</v></c><c><v>7</v></c><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c></row>'
    assert read("a.xlsx", sheet(shared=shared, rows=rows)) == "a\nlundi mardi\njeudi"


def test_a_note_with_many_references_is_cut(read):
    text = f"<w:p><w:r><w:t>{'mot ' * 100_000}</w:t></w:r></w:p>"
    note = f'<w:footnotes {WORD}><w:footnote w:id="1">{text}</w:footnote></w:footnotes>'
    body = "<w:body><w:p><w:r>" + '<w:footnoteReference w:id="1"/>' * 100_000 + "</w:r></w:p></w:body>"
    data = with_document(
        body, **{"word/footnotes.xml": note, "word/_rels/document.xml.rels": relations(("footnotes", "footnotes.xml"))}
    )
    assert len(read("a.docx", data)) >= extraction_process.MAX_CHARACTERS - 1


RTF = {
    "groups": b"{}" * 5_000_000,
    "picture": b"{\\pict " + b"0f" * 20_000_000 + b"}",
    "note": b"{\\footnote " + b"\\'e9 mot" * 1_000_000,
    "headers": b"{\\header mot" * 900,
}


@pytest.mark.parametrize("name", RTF)
def test_an_included_rtf_file_is_read_as_far_as_readers_need(read, name):
    assert read("a.docx", with_included(rtf=b"{\\rtf1 Texte " + RTF[name])).startswith("Avant\nTexte")


def test_notes_inside_each_other_are_copied_a_few_times(monkeypatch):
    """900 notes with 20,000 characters each took 15 s: each was copied into all that are around it."""
    taken, take = [], rich_text_format.Passage.take

    def counted(passage):
        taken.append(len(text := take(passage)))
        return text

    monkeypatch.setattr(rich_text_format.Passage, "take", counted)
    note = b"{\\footnote " + b"mot " * 5_000
    text = "".join(rich_text_format.rich_text(b"{\\rtf1 Texte " + note * 900))
    assert (text[:5], len(text)) == ("Texte", rich_text_format.MAX_PASSAGE + len("\n"))
    assert sum(taken) < 12 * rich_text_format.MAX_PASSAGE


def test_a_passage_is_cut():
    passage = rich_text_format.Passage()
    passage.add("a" * 10)
    passage.follow("b" * rich_text_format.MAX_PASSAGE)
    passage.add("c")
    passage.end_paragraph()
    assert len(passage.take()) == rich_text_format.MAX_PASSAGE + len("\n")


def test_unknown_code_pages_are_not_searched_for(monkeypatch):
    """Python imports modules for each: 100,000 took 3 s."""
    searched = []
    monkeypatch.setattr(codecs, "lookup", searched.append)
    pages = b"".join(b"\\ansicpg%d " % number for number in range(3_000, 4_000))
    assert "".join(rich_text_format.rich_text(b"{\\rtf1 " + pages + b"\\ansicpg1250 \\'8akola}")) == "Škola\n"
    assert searched == []

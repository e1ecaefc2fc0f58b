"""Makers of small office files from the XML of their main parts."""

import zipfile
from io import BytesIO

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": WORD,
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "r": OFFICE,
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
ODF_NAMESPACES = (
    " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in {
            "office": "office",
            "text": "text",
            "table": "table",
            "style": "style",
            "draw": "drawing",
            "svg": "svg-compatible",
            "presentation": "presentation",
        }.items()
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def packed(members):
    """Return an archive of members by name."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return made.getvalue()


def relations(**targets):
    """Return the relationships to members by id; the kind is the name of the member without digits."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return RELATIONS.format(rows)


def word(body, *, footnotes="", header="", footer=""):
    """Return a DOCX with the XML of its body, and of the other parts if they are given."""
    related = {
        name: (name.rstrip("0123456789"), f"{name}.xml")
        for name, text in (("footnotes", footnotes), ("header1", header), ("footer1", footer))
        if text
    }
    parts = (("footnotes", "footnotes", footnotes), ("header1", "hdr", header), ("footer1", "ftr", footer))
    return packed(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
            "_rels/.rels": relations(main=("officeDocument", "word/document.xml")),
            "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": relations(**related),
            **{f"word/{name}.xml": f"<w:{tag} {NAMESPACES}>{text}</w:{tag}>" for name, tag, text in parts if text},
        }
    )


def run(content):
    return f"<w:p><w:r>{content}</w:r></w:p>"


def slides(*contents):
    """Return a PPTX whose slides have the XML of their shape trees. They are stored in the reverse order."""
    numbers = range(len(contents), 0, -1)
    related = {f"r{number}": ("slide", f"slides/slide{number}.xml") for number in numbers}
    shown = "".join(f'<p:sldId id="{256 + number}" r:id="r{number}"/>' for number in numbers)
    return packed(
        {
            "_rels/.rels": relations(main=("officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": f"<p:presentation {NAMESPACES}><p:sldIdLst>{shown}</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations(**related),
            **{
                f"ppt/slides/slide{number}.xml": f"<p:sld {NAMESPACES}{attributes}><p:cSld>{content}</p:cSld></p:sld>"
                for number, (attributes, content) in zip(numbers, contents, strict=True)
            },
        }
    )


def inline(text, reference=""):
    """Return a cell of an XLSX with a text, at a place as B3."""
    place = f' r="{reference}"' if reference else ""
    return f'<c{place} t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(strings, rows, *, columns=""):
    """Return an XLSX with shared strings, one sheet of XML rows (and columns), and a hidden sheet."""
    spreadsheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    shared = "".join(f"<si>{string}</si>" for string in strings)
    return packed(
        {
            "_rels/.rels": relations(main=("officeDocument", "/xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook {spreadsheet} xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="Ateliers" sheetId="1" r:id="s1"/>'
            '<sheet name="Brouillon" sheetId="2" state="hidden" r:id="s1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                s1=("worksheet", "worksheets/sheet1.xml"), s2=("sharedStrings", "sharedStrings.xml")
            ),
            "xl/sharedStrings.xml": f"<sst {spreadsheet}>{shared}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {spreadsheet}><cols>{columns}</cols><sheetData>{rows}</sheetData>"
            "</worksheet>",
        }
    )


def open_document(kind, content, *, header="", styles=""):
    """Return an OpenDocument file (`text`, `spreadsheet` or `presentation`) with the XML of its content and styles."""
    page_styles = (
        f"<office:document-styles {ODF_NAMESPACES}><office:master-styles><style:master-page>"
        f"<style:header>{header}</style:header></style:master-page></office:master-styles></office:document-styles>"
    )
    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {ODF_NAMESPACES}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:{kind}>{content}"
            f"</office:{kind}></office:body></office:document-content>",
            "styles.xml": page_styles,
        }
    )

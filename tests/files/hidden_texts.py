"""Files with parts that their readers do not see, and the plain text by which search finds them."""

from tests.factories.media_files import with_parts

from .packages import inline, open_document, relations, word, workbook
from .texts import HIDDEN_SLIDE, OBJECT, TextCase

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/"
SHEET_SHAPE = (
    '<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="1" name="a" hidden="{}"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>{}</a:t>'
    "</a:r></a:p></xdr:txBody></xdr:sp>"
)
SHEET_DRAWING = (
    f'<xdr:wsDr xmlns:xdr="{DRAWING}spreadsheetDrawing" xmlns:a="{DRAWING}main"><xdr:twoCellAnchor>'
    f"{SHEET_SHAPE.format(1, 'caché')}{SHEET_SHAPE.format(0, 'Encadré')}"
    "</xdr:twoCellAnchor></xdr:wsDr>"
)
WORD_SHAPE = (
    '<w:r><w:drawing><wp:anchor xmlns:wp="{drawing}wordprocessingDrawing"><wp:docPr id="1" name="a" hidden="{hidden}"/>'
    "<wps:txbx><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></wps:txbx></wp:anchor></w:drawing></w:r>"
)
OLD_WORD_SHAPE = (
    '<w:r><w:pict><v:shape style="{style}"><v:textbox><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p>'
    "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)
CELL = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
ROW = f"<table:table-row>{CELL}</table:table-row>"
FRAME = "<draw:frame draw:display='{}'><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"

HIDDEN_TEXTS = (
    TextCase(
        "hidden-shapes.docx",
        word(
            "<w:p><w:r><w:t>Avant</w:t></w:r>"
            + WORD_SHAPE.format(drawing=DRAWING, hidden=1, text="caché")
            + WORD_SHAPE.format(drawing=DRAWING, hidden="false", text="Encadré")
            + OLD_WORD_SHAPE.format(style="width:9pt; visibility: hidden", text="caché")
            + OLD_WORD_SHAPE.format(style="width:9pt;visibility:visible", text="Ancien")
            + "</w:p>"
        ),
        "Avant\nEncadré\nAncien",
    ),
    TextCase(
        "hidden-shapes.xlsx",
        with_parts(
            workbook([], f"<row>{inline('Lieu')}</row>"),
            {
                "xl/worksheets/_rels/sheet1.xml.rels": relations(d=("drawing", "../drawings/drawing1.xml")),
                "xl/drawings/drawing1.xml": SHEET_DRAWING,
            },
        ),
        "Ateliers\nLieu\nEncadré",
    ),
    TextCase(
        "hidden-row-groups.ods",
        open_document(
            "spreadsheet",
            f'<table:table>{ROW.format("Vu")}<table:table-row-group table:display="false"><table:table-row-group>'
            f"{ROW.format('caché')}</table:table-row-group></table:table-row-group><table:table-row-group>"
            f"{ROW.format('aussi')}</table:table-row-group></table:table>",
        ),
        "Vu\naussi",
    ),
    TextCase(
        "hidden-object.odp",
        with_parts(
            open_document(
                "presentation",
                '<draw:page draw:style-name="dp1"><draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
                f"</draw:page><draw:page>{FRAME.format('always', 'Vu')}</draw:page>",
                styles=HIDDEN_SLIDE,
            ),
            {"Object 1/content.xml": OBJECT},
        ),
        "Vu",
    ),
    TextCase(
        "headers-on-paper.ods",
        open_document("spreadsheet", f"<table:table>{ROW.format('Vu')}</table:table>", header="<text:p>???</text:p>"),
        "Vu",
    ),
    TextCase(
        "hidden-shapes.odp",
        open_document(
            "presentation",
            f"<draw:page>{FRAME.format('none', 'caché')}{FRAME.format('always', 'Vu')}</draw:page>",
        ),
        "Vu",
    ),
)

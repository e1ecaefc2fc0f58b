"""Files with parts that their readers do not see, and the plain text by which search finds them."""

from tests.factories.media_files import with_parts

from .packages import inline, open_document, relations, slides, word, workbook
from .texts import HIDDEN_SLIDE, OBJECT, A, C, TextCase, with_graphics

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
# A chart and a diagram (SmartArt), as `with_graphics` relates them.
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
GRAPHIC = f'<a:graphic {A}><c:chart {C} {R} r:id="c1"/></a:graphic>'
WORD_GRAPHIC = (
    f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="{DRAWING}wordprocessingDrawing"><wp:docPr id="1" hidden="{{}}"/>'
    f"{GRAPHIC}</wp:inline></w:drawing></w:r></w:p>"
)
SLIDE_GRAPHIC = (
    '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="2" name="a" hidden="{}"/></p:nvGraphicFramePr>'
    f"{GRAPHIC}</p:graphicFrame>"
)
SHEET_GRAPHICS = (
    f'<xdr:wsDr xmlns:xdr="{DRAWING}spreadsheetDrawing"><xdr:twoCellAnchor><xdr:graphicFrame><xdr:nvGraphicFramePr>'
    f'<xdr:cNvPr id="1" name="a" hidden="1"/></xdr:nvGraphicFramePr>{GRAPHIC}</xdr:graphicFrame>'
    "</xdr:twoCellAnchor></xdr:wsDr>"
)
# Those of the diagram, which no element hides.
SHOWN = "Repérer\nÉvaluer"
CHART_SHOWN = f"{SHOWN}\nFamilles d’accueil\nAgréées\nMoulins\nVichy"
FRAME = "<draw:frame draw:display='{}'><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"

HIDDEN_TEXTS = (
    TextCase("hidden-chart.docx", with_graphics(word(WORD_GRAPHIC.format(1)), "word/document.xml"), SHOWN),
    TextCase(
        "chart-shown-once.docx",
        with_graphics(word(WORD_GRAPHIC.format(1) + WORD_GRAPHIC.format(0)), "word/document.xml"),
        CHART_SHOWN,
    ),
    TextCase("hidden-chart.pptx", with_graphics(slides(("", SLIDE_GRAPHIC.format(1))), "ppt/slides/slide1.xml"), SHOWN),
    TextCase(
        "shown-chart.pptx", with_graphics(slides(("", SLIDE_GRAPHIC.format(0))), "ppt/slides/slide1.xml"), CHART_SHOWN
    ),
    TextCase(
        "hidden-chart.xlsx",
        with_parts(
            with_graphics(workbook([], f"<row>{inline('Lieu')}</row>"), "xl/drawings/drawing1.xml"),
            {
                "xl/worksheets/_rels/sheet1.xml.rels": relations(d=("drawing", "../drawings/drawing1.xml")),
                "xl/drawings/drawing1.xml": SHEET_GRAPHICS,
            },
        ),
        f"Ateliers\nLieu\n{SHOWN}",
    ),
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

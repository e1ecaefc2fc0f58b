"""Files for download with the plain text by which search finds them."""

from dataclasses import dataclass

from tests.factories.files import pdf
from tests.factories.media_files import with_parts

from .packages import NAMESPACES, inline, open_document, relations, run, slides, word, workbook


@dataclass(frozen=True)
class TextCase:
    """A file and its text; `name` says which part of the format it is about."""

    name: str
    content: bytes
    text: str


C = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
DGM = 'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
CHART = (
    f"<c:chartSpace {C} {A}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Familles</a:t></a:r><a:r>"
    "<a:t> d’accueil</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef>"
    "<c:f>Feuil1!$B$1</c:f><c:strCache><c:pt idx='0'><c:v>Agréées</c:v></c:pt></c:strCache></c:strRef></c:tx>"
    "<c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>Moulins</c:v></c:pt><c:pt idx='1'><c:v>Vichy</c:v></c:pt>"
    "</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:formatCode>General</c:formatCode>"
    "<c:pt idx='0'><c:v>4321</c:v></c:pt>"
    "</c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
)
DIAGRAM = (
    f"<dgm:dataModel {DGM} {A}><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>Repérer</a:t></a:r></a:p></dgm:t></dgm:pt>"
    "<dgm:pt><dgm:t><a:p><a:r><a:t>Évaluer</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
)
GRAPHICS = {"c1": ("chart", "../charts/chart1.xml"), "d1": ("diagramData", "../diagrams/data1.xml")}
OBJECT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:chart><chart:chart><chart:title>'
    "<text:p>Familles d’accueil</text:p></chart:title></chart:chart></office:chart></office:body>"
    "</office:document-content>"
)


def with_graphics(content, member):
    """Return a PPTX or DOCX with a chart and a diagram that a member shows."""
    folder, _slash, base = member.rpartition("/")
    top = member.partition("/")[0]
    related = {key: (kind, f"/{top}/{target.removeprefix('../')}") for key, (kind, target) in GRAPHICS.items()}
    parts = {f"{top}/charts/chart1.xml": CHART, f"{top}/diagrams/data1.xml": DIAGRAM}
    return with_parts(content, {f"{folder}/_rels/{base}.rels": relations(**related), **parts})


BOX = "<w:txbxContent><w:p><w:r><w:t>Encadré</w:t></w:r></w:p></w:txbxContent>"
STYLES = (
    f'<w:styles {NAMESPACES}><w:style w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:styleId="H2"><w:basedOn w:val="H"/></w:style></w:styles>'
)
HIDDEN_SHAPE = (
    '<p:sp><p:nvSpPr><p:cNvPr id="1" name="a" hidden="1"/></p:nvSpPr><p:txBody><a:p><a:r><a:t>Caché</a:t></a:r></a:p>'
    "</p:txBody></p:sp>"
)
SHAPE = HIDDEN_SHAPE.replace(' hidden="1"', "").replace("Caché", "Visible")
FRAME, END_OF_FRAME = "<draw:frame><draw:text-box><text:p>", "</text:p></draw:text-box></draw:frame>"
HIDDEN_SLIDE = (
    '<style:style style:name="dp1" style:family="drawing-page">'
    '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
)
TEXTS = (
    TextCase(
        "hidden-styles.docx",
        with_parts(
            word(
                '<w:p><w:r><w:rPr><w:rStyle w:val="H"/></w:rPr><w:t>Caché</w:t></w:r>'
                "<w:r><w:t>Visible</w:t></w:r></w:p>"
                '<w:p><w:pPr><w:pStyle w:val="H2"/></w:pPr><w:r><w:t>Caché</w:t></w:r></w:p>'
            ),
            {"word/styles.xml": STYLES, "word/_rels/document.xml.rels": relations(s=("styles", "styles.xml"))},
        ),
        "Visible",
    ),
    TextCase(
        "only-for-old-programs.docx",
        word(
            '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="x"/><mc:Fallback><w:t>Secours</w:t></mc:Fallback>'
            "</mc:AlternateContent></w:r></w:p>"
        ),
        "Secours",
    ),
    TextCase(
        "hidden-shape.pptx",
        slides(("", f"<p:spTree>{HIDDEN_SHAPE}{SHAPE}</p:spTree>")),
        "Visible",
    ),
    TextCase(
        "hidden-slide.odp",
        open_document(
            "presentation",
            f'<draw:page draw:style-name="dp1">{FRAME}Caché{END_OF_FRAME}</draw:page>'
            f"<draw:page>{FRAME}Visible{END_OF_FRAME}</draw:page>",
            styles=HIDDEN_SLIDE,
        ),
        "Visible",
    ),
    TextCase(
        "graphics.docx",
        with_graphics(word(run("<w:t>Bilan</w:t>")), "word/document.xml"),
        "Bilan\nRepérer\nÉvaluer\nFamilles d’accueil\nAgréées\nMoulins\nVichy",
    ),
    TextCase(
        "graphics.pptx",
        with_graphics(slides(("", "<a:p><a:r><a:t>Bilan</a:t></a:r></a:p>")), "ppt/slides/slide1.xml"),
        "Bilan\nRepérer\nÉvaluer\nFamilles d’accueil\nAgréées\nMoulins\nVichy",
    ),
    TextCase(
        "drawing.xlsx",
        with_parts(
            with_graphics(workbook(["<t>Lieu</t>"], '<row><c t="s"><v>0</v></c></row>'), "xl/drawings/drawing1.xml"),
            {
                "xl/worksheets/_rels/sheet1.xml.rels": relations(d=("drawing", "../drawings/drawing1.xml")),
                "xl/drawings/drawing1.xml": f"<wsDr {A}><a:p><a:r><a:t>Encadré</a:t></a:r></a:p></wsDr>",
            },
        ),
        "Ateliers\nLieu\nEncadré\nRepérer\nÉvaluer\nFamilles d’accueil\nAgréées\nMoulins\nVichy",
    ),
    TextCase(
        "object.odt",
        with_parts(
            open_document(
                "text",
                '<text:p>Bilan<draw:frame><draw:object xmlns:xlink="http://www.w3.org/1999/xlink" '
                'xlink:href="./Object 1"/></draw:frame></text:p>',
            ),
            {"Object 1/content.xml": OBJECT},
        ),
        "Bilan\nFamilles d’accueil",
    ),
    TextCase(
        "no-break-hyphen.docx",
        word(run("<w:t>Vexin</w:t><w:noBreakHyphen/><w:t>Thelle</w:t>")),
        "Vexin-Thelle",
    ),
    TextCase(
        "separators.docx",
        word(run("<w:t>un</w:t><w:cr/><w:t>deux</w:t><w:br/><w:t>trois</w:t><w:tab/><w:t>quatre</w:t>")),
        "un deux trois quatre",
    ),
    TextCase(
        "symbols.docx",
        word(
            run(
                "<w:t>Lyon</w:t><w:sym w:font='Wingdings' w:char='F0E0'/><w:t>Moulins, caf</w:t>"
                "<w:sym w:font='Calibri' w:char='00E9'/><w:sym w:char='D800'/><w:sym w:char='x'/>"
            )
        ),
        "Lyon Moulins, café",
    ),
    TextCase(
        "soft-hyphens.docx",
        word(run("<w:t>en</w:t><w:softHyphen/><w:t>fance et pro\u00adtection,\u00a0rendez\u2011vous, ﬁn</w:t>")),
        "enfance et protection, rendez-vous, fin",
    ),
    TextCase(
        "text-box.docx",
        word(
            "<w:p><w:r><w:t>Avant </w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
            f"{BOX}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict>"
            "</mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>et après</w:t></w:r></w:p>"
        ),
        "Avant et après\nEncadré",
    ),
    TextCase(
        "old-text-box.docx",
        word(f"<w:p><w:r><w:t>Texte</w:t></w:r><w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r></w:p>"),
        "Texte\nEncadré",
    ),
    TextCase(
        "footnote.docx",
        word(
            "<w:p><w:r><w:t>La MDPH</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r><w:r>"
            "<w:t> aide.</w:t></w:r></w:p>" + run("<w:t>Suite</w:t>"),
            footnotes="<w:footnote w:id='0' w:type='separator'><w:p><w:r><w:separator/></w:r></w:p></w:footnote>"
            "<w:footnote w:id='2'><w:p><w:r><w:t>Maison du handicap</w:t></w:r></w:p></w:footnote>",
        ),
        "La MDPH aide.\nMaison du handicap\nSuite",
    ),
    TextCase(
        "header-and-footer.docx",
        word(run("<w:t>Texte</w:t>"), header=run("<w:t>Département</w:t>"), footer=run("<w:t>Mentions</w:t>")),
        "Département\nTexte\nMentions",
    ),
    TextCase(
        "table.docx",
        word(
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Métier</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Postes</w:t></w:r>"
            "</w:p></w:tc></w:tr></w:tbl>"
        ),
        "Métier\nPostes",
    ),
    TextCase(
        "tracked-and-hidden.docx",
        word(
            "<w:p><w:moveFrom><w:r><w:t>déplacé </w:t></w:r></w:moveFrom><w:del><w:r><w:delText>effacé</w:delText>"
            "</w:r></w:del><w:ins><w:r><w:t>ajouté </w:t></w:r></w:ins>"
            "<w:moveTo><w:r><w:t>déplacé</w:t></w:r></w:moveTo>"
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>caché</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr>"
            "<w:t> vu</w:t></w:r></w:p>"
        ),
        "ajouté déplacé vu",
    ),
    TextCase(
        "field-and-link.docx",
        word(
            "<w:p><w:r><w:instrText> HYPERLINK &quot;https://example.org&quot; </w:instrText></w:r><w:hyperlink><w:r>"
            "<w:t>le guide</w:t></w:r></w:hyperlink></w:p>"
        ),
        "le guide",
    ),
    TextCase(
        "link-and-bold.odt",
        open_document(
            "text",
            "<text:p>Voir le <text:a xlink:href='https://example.org'>guide</text:a> : <text:span>non</text:span>."
            "</text:p><text:h>Titre</text:h><text:list><text:list-item><text:p>Point</text:p></text:list-item></text:list>",
        ),
        "Voir le guide : non.\nTitre\nPoint",
    ),
    TextCase(
        "separators.odt",
        open_document(
            "text",
            "<text:p>un<text:tab/>deux<text:line-break/>trois<text:s text:c='3'/>quatre pro\u00adtection</text:p>",
        ),
        "un deux trois quatre protection",
    ),
    TextCase(
        "note-and-box.odt",
        open_document(
            "text",
            "<text:p>La MDPH<text:note><text:note-citation>1</text:note-citation><text:note-body>"
            "<text:p>Maison</text:p></text:note-body></text:note>"
            " aide<draw:frame><draw:text-box><text:p>Encadré</text:p></draw:text-box>"
            "<svg:title>Cadre</svg:title></draw:frame>.</text:p><text:p>Suite</text:p>",
            header="<text:p>Département</text:p>",
        ),
        "Département\nLa MDPH aide.\nMaison\nEncadré\nSuite",
    ),
    TextCase(
        "tracked.odt",
        open_document(
            "text",
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>Effacé</text:p></text:deletion>"
            "</text:changed-region></text:tracked-changes><text:p>Vu<office:annotation><text:p>Remarque</text:p>"
            "</office:annotation> de tous</text:p>",
        ),
        "Vu de tous",
    ),
    TextCase(
        "hidden.odt",
        open_document(
            "text",
            "<text:section text:display='none'><text:p>caché</text:p></text:section>"
            "<text:p text:style-name='P9'>caché</text:p>"
            "<text:p>Vu<text:span text:style-name='T9'> et caché</text:span></text:p>",
            styles="<style:style style:name='T9'><style:text-properties text:display='none'/></style:style>"
            "<style:style style:name='P9'><style:text-properties text:display='none'/></style:style>",
        ),
        "Vu",
    ),
    TextCase(
        "shapes-and-index.odt",
        open_document(
            "text",
            "<text:table-of-content><text:table-of-content-source><text:index-title-template>Modèle"
            "</text:index-title-template></text:table-of-content-source><text:index-body><text:p>Titre<text:tab/>3"
            "</text:p></text:index-body></text:table-of-content><text:p>Avant<draw:rect><text:p>Encadré</text:p>"
            "</draw:rect> et après<draw:frame><draw:image><office:binary-data>aGVs</office:binary-data></draw:image>"
            "</draw:frame><text:script>alert()</text:script></text:p>",
        ),
        "Titre 3\nAvant et après\nEncadré",
    ),
    TextCase(
        "hidden.ods",
        open_document(
            "spreadsheet",
            "<table:content-validations><table:content-validation><text:p>aide</text:p></table:content-validation>"
            "</table:content-validations><table:table table:style-name='ta9'><table:table-row><table:table-cell>"
            "<text:p>caché</text:p></table:table-cell></table:table-row></table:table><table:table><table:table-row "
            "table:visibility='collapse'><table:table-cell><text:p>caché</text:p></table:table-cell></table:table-row>"
            "<table:table-row><table:table-cell><text:p>Vu</text:p></table:table-cell></table:table-row></table:table>",
            styles="<style:style style:name='ta9'><style:table-properties table:display='false'/></style:style>",
        ),
        "Vu",
    ),
    TextCase(
        "footers.odp",
        open_document(
            "presentation",
            "<presentation:header-decl>Allier</presentation:header-decl><presentation:footer-decl>2026"
            "</presentation:footer-decl><draw:page><draw:custom-shape><text:p>Bienvenue</text:p></draw:custom-shape>"
            "</draw:page>",
        ),
        "Allier\n2026\nBienvenue",
    ),
    TextCase(
        "hidden-rows.xlsx",
        workbook(
            ["<t>caché</t>", "<t>un_x000D_deux</t>"],
            '<row hidden="1"><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>',
        ),
        "Ateliers\nun deux",
    ),
    TextCase(
        "hidden-columns.xlsx",
        workbook(
            [],
            "".join(
                f"<row>{''.join(cells)}</row>"
                for cells in (
                    [inline("Vu", "A1"), inline("caché", "B1"), inline("caché", "C1"), inline("aussi", "D1")],
                    [inline("un"), inline("caché"), inline("caché"), inline("deux"), inline("caché", "AB2")],
                )
            ),
            columns='<col min="2" max="3" hidden="1"/><col min="4" max="4"/><col min="28" max="28" hidden="true"/>',
        ),
        "Ateliers\nVu aussi\nun deux",
    ),
    TextCase(
        "hidden-columns.ods",
        open_document(
            "spreadsheet",
            "<table:table><table:table-column/><table:table-column table:visibility='collapse' "
            "table:number-columns-repeated='2'/><table:table-column-group table:display='false'><table:table-column/>"
            "</table:table-column-group><table:table-header-columns><table:table-column/></table:table-header-columns>"
            "<table:table-row-group><table:table-row>"
            "<table:table-cell><text:p>Vu</text:p></table:table-cell>"
            "<table:table-cell table:number-columns-repeated='2'><text:p>caché</text:p></table:table-cell>"
            "<table:table-cell><text:p>caché</text:p></table:table-cell>"
            "<table:table-cell><text:p>aussi</text:p></table:table-cell></table:table-row></table:table-row-group>"
            "<table:table-row><table:table-cell><text:p>un</text:p></table:table-cell><table:covered-table-cell/>"
            "<table:table-cell><text:p>caché</text:p></table:table-cell></table:table-row></table:table>",
        ),
        "Vu\naussi\nun",
    ),
    TextCase(
        "table.ods",
        open_document(
            "spreadsheet",
            "<table:table><table:table-row><table:table-cell><text:p>Métier</text:p></table:table-cell><table:table-cell>"
            "<text:p>Postes</text:p></table:table-cell></table:table-row></table:table>",
        ),
        "Métier\nPostes",
    ),
    TextCase(
        "slide.odp",
        open_document(
            "presentation",
            "<draw:page><draw:frame><draw:text-box><text:p>Bienvenue</text:p></draw:text-box></draw:frame>"
            "<presentation:notes><draw:frame><draw:text-box><text:p>à dire</text:p></draw:text-box></draw:frame>"
            "</presentation:notes></draw:page>",
        ),
        "Bienvenue",
    ),
    TextCase(
        "slides.pptx",
        slides(
            ("", "<a:p><a:r><a:t>Premier</a:t></a:r><a:br/><a:r><a:t>titre</a:t></a:r></a:p>"),
            (' show="0"', "<a:p><a:r><a:t>Caché</a:t></a:r></a:p>"),
            ("", "<a:p><a:r><a:t>Second</a:t></a:r></a:p>"),
        ),
        "Premier titre\nSecond",
    ),
    TextCase(
        "cells.xlsx",
        workbook(
            ["<t>Métier</t>", "<r><t>Assistante </t></r><r><t>sociale</t></r>"],
            '<row><c t="s"><v>0</v></c><c><v>45123</v></c></row><row><c t="s"><v>1</v></c>'
            '<c t="inlineStr"><is><t>Moulins</t></is></c><c t="str"><f>A1</f><v>calculé</v></c></row>',
        ),
        "Ateliers\nMétier\nAssistante sociale Moulins calculé",
    ),
    TextCase("utf-8.txt", "\ufeffÉcole\r\nnaïve".encode(), "École\nnaïve"),
    TextCase("windows.csv", "métier;œuvre\nécole;1".encode("cp1252"), "métier;œuvre\nécole;1"),
    TextCase("utf-16.txt", "École".encode("utf-16"), "École"),
    TextCase("words.pdf", pdf("Le rendez-vous"), "Le rendez-vous"),
)

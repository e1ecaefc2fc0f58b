"""Word files that include other files, with the plain text by which search finds them."""

from tests.factories.media_files import with_parts

from .packages import relations, word
from .rich_texts import RICH_TEXTS
from .texts import TextCase


def with_included(**files):
    """Return a DOCX that includes files (w:altChunk), by extension."""
    related = {extension: ("aFChunk", f"/word/chunk.{extension}") for extension in files}
    body = "<w:p><w:r><w:t>Avant</w:t></w:r></w:p><w:altChunk r:id='html'/>"
    chunks = {f"word/chunk.{extension}": content for extension, content in files.items()}
    return with_parts(word(body), {"word/_rels/document.xml.rels": relations(**related), **chunks})


WEB_PAGE = (
    "<html><head><meta charset='utf-8'><title>Titre</title><style>p {}</style></head><body><p>Éducatrice<b>s</b></p>"
    "<script>alert()</script><ul><li>un</li><li>deux</li></ul></body></html>"
)
WEB_ARCHIVE = (
    "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
    "Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<p>D=E9partement</p>\r\n--x--\r\n"
)


def with_types(content, **types):
    """Return a DOCX that declares media types by extension."""
    defaults = "".join(f'<Default Extension="{key}" ContentType="{value}"/>' for key, value in types.items())
    types = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{defaults}</Types>'
    return with_parts(content, {"[Content_Types].xml": types})


INCLUDED_TEXTS = [
    TextCase("included-page.docx", with_included(html=WEB_PAGE), "Avant\nÉducatrices\nun\ndeux"),
    TextCase("included-archive.docx", with_included(mht=WEB_ARCHIVE), "Avant\nDépartement"),
    TextCase("included-text.docx", with_included(txt="Éducatrice"), "Avant\nÉducatrice"),
    TextCase("included-document.docx", with_included(docx=with_included(txt="Inclus")), "Avant\nAvant\nInclus"),
    TextCase("included-damage.docx", with_included(docx=b"PK damaged", txt="Suite"), "Avant\nSuite"),
    TextCase(
        "included-hidden.docx",
        with_included(
            html="<p>Vu<span style='mso-hide: all'>caché</span></p><p hidden>caché</p><del>effacé</del>"
            "<div style='color: red; display:none'>caché</div>"
        ),
        "Avant\nVu",
    ),
    TextCase("included-by-type.docx", with_types(with_included(dat="<p>Vu</p>"), dat="text/html"), "Avant\nVu"),
    TextCase("included-unknown.docx", with_included(dat="<p>octets</p>"), "Avant"),
    TextCase("included-charset.docx", with_included(mht=WEB_ARCHIVE.replace("iso-8859-1", "none-1")), "Avant"),
    *(TextCase(f"rtf-{name}.docx", with_included(rtf=content), f"Avant\n{text}") for name, content, text in RICH_TEXTS),
]

"""Word files that include other files, with the plain text by which search finds them."""

from tests.factories.media_files import with_parts

from .packages import relations, word
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


INCLUDED_TEXTS = [
    TextCase("included-page.docx", with_included(html=WEB_PAGE), "Avant\nÉducatrices\nun\ndeux"),
    TextCase("included-archive.docx", with_included(mht=WEB_ARCHIVE), "Avant\nDépartement"),
    TextCase("included-text.docx", with_included(txt="Éducatrice", rtf="{\\rtf1 caché}"), "Avant\nÉducatrice"),
    TextCase("included-document.docx", with_included(docx=with_included(txt="Inclus")), "Avant\nAvant\nInclus"),
    TextCase("included-damage.docx", with_included(docx=b"PK damaged"), "Avant"),
]

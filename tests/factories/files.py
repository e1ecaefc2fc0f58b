"""Small PDF, DOCX and ODT files with given texts."""

from io import BytesIO

import docx
import odfdo


def pdf(*pages: str, encrypted: bool = False) -> bytes:
    """Return a PDF with a line of text on each page; `encrypted` declares an unknown encryption handler."""
    first = 4
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    box, resources = "[0 0 600 200]", "/Resources << /Font << /F1 3 0 R >> >>"
    for number, text in enumerate(pages):
        drawing = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {first + 2 * number + 1} 0 R {resources} >>",
            f"<< /Length {len(drawing.encode('cp1252'))} >>\nstream\n{drawing}\nendstream",
        ]
    body, offsets = b"%PDF-1.7\n", []
    for number, source in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{source}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    encryption = f"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O ({'o' * 32}) /U ({'u' * 32}) >>"
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /ID [(a) (a)] {encryption if encrypted else ''} >>"
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode()


def word(*paragraphs: str) -> bytes:
    """Return a DOCX with paragraphs, the last one in a table."""
    document, made = docx.Document(), BytesIO()
    for text in paragraphs[:-1]:
        document.add_paragraph(text)
    document.add_table(1, 1).cell(0, 0).text = paragraphs[-1]
    document.save(made)
    return made.getvalue()


def open_document(heading: str, *paragraphs: str) -> bytes:
    """Return an ODT with a heading and paragraphs."""
    document, made = odfdo.Document("text"), BytesIO()
    document.body.clear()
    document.body.append(odfdo.Header(1, heading))
    for text in paragraphs:
        document.body.append(odfdo.Paragraph(text))
    document.save(made)
    return made.getvalue()

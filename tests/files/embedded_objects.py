"""Parts of Word files with embedded objects and paths of the author's machine, each with the text MARK."""

import struct

from tests.factories import media_files
from tests.factories.media_files import BYTES, MARK

from .compound_files import SAMPLES, compound_file, embedded, link, package, property_set
from .packages import relations

PICTURE = media_files.picture("jpeg")
HOME = f"file:///C:/Users/{MARK}"
FOLDER = f"C:\\Users\\{MARK}"
DOCUMENT = media_files.open_document_with_metadata()
OBJECT = compound_file({
    "\x01CompObj": b"Word", "\x05SummaryInformation": property_set(MARK), "\x01Ole": bytes(20) + BYTES, None: BYTES,
    "\x01Ole10Native": struct.pack("<I", 0) + package(FOLDER, PICTURE), "Package": DOCUMENT, "Large": bytes(5000),
})  # fmt: skip
OBJECTS_IN_RTF = b"".join((
    rb"{\rtf1 Bonjour", *(
        rb"{\object\objemb{\*\objdata " + content.hex().encode() + rb"}{\result image}}"
        for content in (
            embedded(b"Word.Document.8", OBJECT), embedded(b"Package", package(FOLDER, DOCUMENT)), link(FOLDER),
        )
    ),
    rb'{\field{\*\fldinst HYPERLINK "C:\\\\Users\\\\%b\\\\a.doc"}{\fldrslt lien}}}' % BYTES,
))  # fmt: skip
EMBEDDED_OBJECTS = {
    "ole-object": {"word/embeddings/oleObject1.bin": OBJECT},
    "word-97": {"word/embeddings/a.doc": (SAMPLES / "changes.doc").read_bytes()},
    "excel-97": {"word/embeddings/a.xls": (SAMPLES / "notes.xls").read_bytes()},
    "objects-in-rtf": {"word/a.rtf": OBJECTS_IN_RTF},
}
PATHS = (FOLDER, f"\\\\host\\{MARK}", HOME, f"/home/{MARK}", f"../../{MARK}", f"C:/Users/{MARK}")
LOCAL_PATHS = {
    "local-links": {
        "word/_rels/document.xml.rels": relations().replace(
            "</Relationships>",
            "".join(
                f'<Relationship Id="p{number}" Type="http://a/hyperlink" TargetMode="External" Target="{path}/a.docx"/>'
                for number, path in enumerate(PATHS)
            )
            + "</Relationships>",
        )
    },
    "local-pictures": {
        "word/footer9.xml": f'<w:ftr xmlns:w="w">{"".join(f"""<a descr="{path}/a.png"/>""" for path in PATHS)}</w:ftr>'
    },
    "field-codes": {
        "word/footer9.xml": '<w:ftr xmlns:w="w"><w:instrText> HYPERLINK "C:\\\\Users\\\\{0}\\\\a.docx" </w:instrText>'
        '<w:fldSimple w:instr="INCLUDEPICTURE C:\\\\{0}\\\\a.png"/></w:ftr>'.replace("{0}", MARK)
    },
    "mail-merge": {
        "word/settings.xml": '<w:settings xmlns:w="w"><w:mailMerge>'
        f'<w:query w:val="{MARK}"/></w:mailMerge></w:settings>'
    },
    "local-web-page": {"word/a.htm": f'<html><body><img src="{HOME}/a.png"></body></html>'},
}

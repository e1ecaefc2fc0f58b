"""The text of a file is extracted in a separate process, which protects the instance from hostile files."""

import hashlib
import resource
import subprocess
import sys
import time
import zipfile
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db.models import FileField
from django.db.models.fields.files import FieldFile

from cms.media.inspection.limits.allowance import MAX_UNPACKED
from cms.media.models import VideoCaption
from search.indexing.file_texts import extraction, extraction_process
from search.indexing.file_texts.extraction import UnreadableFile, extract_text
from tests.factories import files


def text_of(name, data):
    return extract_text(ContentFile(data, name=name), hashlib.sha1(data, usedforsecurity=False).hexdigest())


def repacked(data, **members):
    """Return an archive with some of its members replaced."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, members.get(name, old.read(name)))
        for name in members.keys() - set(old.namelist()):
            new.writestr(name, members[name])
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", files.pdf("Le chimpanzé", "mange une banane")),
        ("a.PDF", files.pdf("Le chimpanzé", "mange une banane")),
        ("a.docx", files.word("Le chimpanzé", "mange une banane")),
        ("a.odt", files.open_document("Le chimpanzé", "mange une banane")),
    ],
)
def test_each_file_type_is_read(name, data):
    assert text_of(name, data) == "Le chimpanzé\nmange une banane"


def test_tracked_deletions_and_comments_are_not_read():
    data = files.open_document("Titre", "Vu de tous")
    hidden = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>Effacé</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>Ouvert<office:annotation><text:p>Remarque</text:p></office:annotation></text:p>"
    )
    content = zipfile.ZipFile(BytesIO(data)).read("content.xml").decode()
    text = text_of(
        "a.odt", repacked(data, **{"content.xml": content.replace("</office:text>", f"{hidden}</office:text>")})
    )
    assert text == "Titre\nVu de tous\nOuvert"


def test_the_text_of_a_long_file_is_truncated():
    text = text_of("a.docx", files.word(*(f"Phrase {number} " + "mot " * 500 for number in range(200)), "fin"))
    assert text.startswith("Phrase 0 mot")
    assert len(text) <= extraction_process.MAX_CHARACTERS


BOMB = b"0" * (MAX_UNPACKED + 1)
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + ']><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>'
    "&j;</w:t></w:r></w:p></w:body></w:document>"
)


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("broken.pdf", b"%PDF-1.4\n%%EOF\n", "PdfiumError"),
        ("cut.pdf", files.pdf("Le chimpanzé")[:60], "PdfiumError"),
        ("encrypted.pdf", files.pdf("Le chimpanzé", encrypted=True), "PdfiumError.*[Pp]assword"),
        ("broken.docx", b"PK\x03\x04 no archive", "BadZipFile"),
        ("picture.docx", files.pdf("Le chimpanzé"), "BadZipFile"),
        ("bomb.docx", repacked(files.word("a", "b"), **{"word/media/a.bin": BOMB}), "it holds more than is read"),
        ("bomb.odt", repacked(files.open_document("a"), **{"Pictures/a.bin": BOMB}), "it holds more than is read"),
        ("entities.docx", repacked(files.word("a", "b"), **{"word/document.xml": ENTITIES}), "."),
        ("pictures.zip", b"PK", "no text is read of files that end in “.zip”"),
        ("empty.pdf", b"", "PdfiumError"),
    ],
)  # fmt: skip
def test_an_unreadable_file_gives_the_reason(name, data, problem):
    with pytest.raises(UnreadableFile, match=problem):
        text_of(name, data)


def test_external_entities_do_not_read_files_of_the_server(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    xml = (
        f'<!DOCTYPE w [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>'
        "ouvert &a;</w:t></w:r></w:p></w:body></w:document>"
    )
    try:
        text = text_of("a.docx", repacked(files.word("a", "b"), **{"word/document.xml": xml}))
    except UnreadableFile:
        text = ""
    assert "geheim" not in text


def test_a_file_with_another_hash_is_not_read():
    with pytest.raises(UnreadableFile, match="not what was published"):
        extract_text(ContentFile(files.pdf("Le chimpanzé"), name="a.pdf"), "0" * 40)


def test_a_too_large_file_is_not_read(monkeypatch):
    monkeypatch.setattr(extraction_process, "MAX_BYTES", 100)
    with pytest.raises(UnreadableFile, match="larger than 100 bytes"):
        text_of("a.pdf", files.pdf("Le chimpanzé"))


def test_a_missing_file_is_not_read(tmp_path):
    lost = FieldFile(VideoCaption(), FileField(storage=FileSystemStorage(tmp_path)), "lost.pdf")
    with pytest.raises(UnreadableFile, match="not in the storage"):
        extract_text(lost, "0" * 40)


# --- Limits of a child process that a hostile file controls -------------------------------------------------------


def misbehave(program, tmp_path, monkeypatch):
    """Make the child process run a program after it has set its limits."""
    script = tmp_path / "misbehaving.py"
    folder = str(extraction_process.__file__).rpartition("/")[0]
    source = f"import sys; sys.path.insert(0, {folder!r}); import extraction_process as it; it._limit_resources(); "
    script.write_text(source + program)
    monkeypatch.setattr(extraction_process, "__file__", str(script))
    return text_of("a.pdf", files.pdf("Le chimpanzé"))


@pytest.mark.parametrize(
    "program",
    ["x = bytearray(2 << 30)", "while True: sys.stdout.buffer.write(bytes(1 << 20))", "import os; os.abort()"],
)
def test_a_child_that_exceeds_a_limit_is_killed(program, tmp_path, monkeypatch):
    with pytest.raises(UnreadableFile):
        misbehave(program, tmp_path, monkeypatch)


def test_a_child_that_exceeds_the_timeout_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(extraction, "TIMEOUT", 0.5)
    begun = time.monotonic()
    with pytest.raises(UnreadableFile, match="too much time"):
        misbehave("import time; time.sleep(60)", tmp_path, monkeypatch)
    assert time.monotonic() - begun < 10


def test_a_child_has_a_limit_of_processor_time():
    program = (
        "import resource, sys; sys.path.insert(0, sys.argv[1]); import extraction_process;"
        "extraction_process._limit_resources();"
        "print(resource.getrlimit(resource.RLIMIT_CPU))"
    )
    folder = str(extraction_process.__file__).rpartition("/")[0]
    found = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=True).stdout
    assert found.strip() == str((extraction_process.MAX_SECONDS, extraction_process.MAX_SECONDS))
    assert resource.getrlimit(resource.RLIMIT_CPU) != (
        extraction_process.MAX_SECONDS,
        extraction_process.MAX_SECONDS,
    ), "only the child's"


def test_a_child_has_no_access_to_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "geheim")
    assert "geheim" not in misbehave("import os; print(dict(os.environ))", tmp_path, monkeypatch)

"""Uploads of translation files: what fits is stored, what does not is named, and nothing is a silent success."""

import re
import time
from io import BytesIO

import polib
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from wagtail_localize.models import StringSegment, StringTranslation

from cms.translations.file_service.import_report import Outcome
from cms.translations.file_service.incoming_merge import MergeOptions, import_file
from cms.translations.file_service.outgoing_files import FORMATS
from tests.typed_translations import errors_of, type_translation

from .fixture_data import make_actor

pytestmark = pytest.mark.embedded

LINKS = re.compile(r"<a .*?</a>")  # A translation has the links of its original.


@pytest.fixture
def upload(client, fixture_data):
    """Upload changed bytes of the exported PO file; return the response and the stored texts."""
    translation = fixture_data.ours.translation
    client.force_login(make_actor("translator"))

    def upload(change_entry=lambda entry: None, change_text=lambda text: text, encoding="utf-8", **fields):
        po = translation.export_po()
        for entry in po:
            entry.msgstr = " ".join((f"Café {entry.msgctxt}", *LINKS.findall(entry.msgid)))
            change_entry(entry)
        content = change_text(str(po)).encode(encoding)
        response = client.post(
            reverse("wagtail_localize:upload_pofile", args=[translation.pk]),
            {"file": SimpleUploadedFile("a.po", content), **fields},
        )
        assert response.status_code == 200
        return response, set(StringTranslation.objects.values_list("data", flat=True))

    upload.total = len(translation.export_po())
    return upload


def outcomes(response):
    """Return the outcome and the reason of each text of the report, or the reason why the file was refused."""
    report = response.context["report"]
    if report is None:
        return response.context["error"]
    return [(unit.outcome, unit.reason) for unit in report.units]


def refused(response):
    return [reason for outcome, reason in outcomes(response) if outcome is Outcome.REFUSED]


def new_text(entry):
    entry.msgstr = f"Thé {entry.msgstr}"


def without_context(entry):
    entry.msgctxt = None


def with_a_blank(entry):
    entry.msgid += " x"


def without_translation(entry):
    entry.msgstr = ""


def fuzzy(entry):
    entry.flags.append("fuzzy")


def fuzzy_title(entry):
    if entry.msgctxt == "title":
        fuzzy(entry)


def test_all_entries_of_an_unchanged_file_are_stored(upload):
    response, stored = upload()
    assert outcomes(response) == [(Outcome.ACCEPTED, "")] * upload.total
    assert "Café title" in stored
    again, _stored = upload()
    assert outcomes(again) == [(Outcome.UNCHANGED, "")] * upload.total


def test_the_work_of_somebody_else_is_kept_unless_the_user_wants_to_replace_it(upload):
    upload()
    response, stored = upload(new_text)
    assert len(refused(response)) == upload.total
    assert "Café title" in stored
    response, stored = upload(new_text, overwrite="1")
    assert refused(response) == []
    assert "Thé Café title" in stored


def test_entries_of_no_text_of_the_content_cost_no_query(fixture_data):
    translation = fixture_data.ours.translation
    po = translation.export_po()

    def run(number):
        with CaptureQueriesContext(connection) as queries:
            (report,) = import_file(BytesIO(str(po).encode()), "a.po", MergeOptions(only=translation))
        assert report.number(Outcome.REFUSED) == number
        return len(queries)

    few = run(len(po))
    known = len(po)
    for number in range(100):
        po.append(polib.POEntry(msgctxt="title", msgid=f"Nothing {number}", msgstr="x"))
    assert run(known + 100) == few


def test_an_entry_that_is_there_twice_is_named(upload):
    def repeat(text):
        return text + text[text.rindex("msgctxt") :]

    response, stored = upload(change_text=repeat)
    assert "deux fois" in outcomes(response)
    assert not stored


@pytest.mark.parametrize("change", [without_context, with_a_blank, without_translation, fuzzy])
def test_a_file_of_which_nothing_fits_is_no_success(upload, change):
    response, stored = upload(change)
    assert len(refused(response)) == upload.total
    assert all(refused(response))
    content = response.content.decode()
    assert "Aucun texte" in content
    assert "w-help-block" not in content or "help-critical" in content
    assert stored == set()


def test_a_fuzzy_entry_is_left_out_and_named(upload):
    response, stored = upload(fuzzy_title)
    assert len(refused(response)) == 1
    assert escape(refused(response)[0]) in response.content.decode()
    assert stored
    assert "Café title" not in stored


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252"])
def test_utf_8_with_another_charset_in_its_header_is_refused_and_named(upload, charset):
    """Nobody knows if the header or the bytes are wrong: read in either way, every accent may be wrong."""
    response, stored = upload(change_text=lambda text: text.replace("utf-8", charset))
    assert charset in outcomes(response)
    assert stored == set()


def test_another_encoding_is_refused_and_named(upload):
    response, stored = upload(change_text=lambda text: text.replace("utf-8", "cp1252"), encoding="cp1252")
    assert "Windows-1252" in outcomes(response)
    assert stored == set()


def test_a_control_character_is_refused_with_its_line(upload):
    def change(entry):
        if entry.msgctxt == "title":
            entry.msgstr = "l\x92aide"

    response, stored = upload(change)
    assert "U+0092" in outcomes(response)
    assert stored == set()


def test_a_translation_with_other_links_is_refused_and_named(upload):
    def change(entry):
        if entry.msgctxt == "title":
            entry.msgstr = '<a id="a9">Café</a>'

    response, stored = upload(change)
    (reason,) = refused(response)
    assert 'id="a9"' in reason
    assert '<a id="a9">Café</a>' not in stored


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_downloaded_file_is_imported_in_each_format(client, fixture_data, file_format):
    translation = fixture_data.ours.translation
    client.force_login(make_actor("translator"))
    download = client.get(reverse("translation_export", args=[translation.pk, file_format]))
    assert download.status_code == 200
    name = download["Content-Disposition"].split('"')[1]
    answer = client.post(
        reverse("translation_import", args=[translation.pk]), {"file": SimpleUploadedFile(name, download.content)}
    )
    assert answer.context["error"] == ""
    assert len(refused(answer)) == len(answer.context["report"].units) > 0  # Nothing is translated yet.


def test_a_file_of_another_translation_is_refused(client, fixture_data):
    client.force_login(make_actor("translator"))
    po = str(fixture_data.theirs.translation.export_po())
    answer = client.post(
        reverse("translation_import", args=[fixture_data.ours.translation.pk]),
        {"file": SimpleUploadedFile("a.po", po.encode())},
    )
    assert answer.context["report"] is None
    assert answer.context["error"]


def test_an_unknown_format_is_not_found(client, fixture_data):
    client.force_login(make_actor("translator"))
    assert client.get(reverse("translation_export", args=[fixture_data.ours.translation.pk, "exe"])).status_code == 404


# BeautifulSoup reads these in quadratic time.
UNENDED = ["<a " * 10_000, "<!--" * 25_000]


def cpu_time(call):
    started = time.process_time()
    result = call()
    return time.process_time() - started, result


@pytest.mark.parametrize("text", ['<a href="https://example.org/">Café</a>', *UNENDED], ids=len)
def test_a_translation_with_faulty_tags_is_left_out_and_named_in_a_short_time(upload, text):
    def title(value):
        def change(entry):
            if entry.msgctxt == "title":
                entry.msgstr = value

        return change

    usual, _result = cpu_time(lambda: upload(title("a" * len(text))))
    spent, (response, stored) = cpu_time(lambda: upload(title(text)))
    assert len(refused(response)) == 1
    assert text not in stored
    assert spent < 5 * usual + 1


@pytest.mark.parametrize("text", [*UNENDED, "a" * 100_001, "<p>a</p>", "&#" + "1" * 5_000 + ";"], ids=len)
def test_a_text_with_faulty_tags_is_refused_in_the_editor_in_a_short_time(client, fixture_data, text):
    ours = fixture_data.ours
    client.force_login(make_actor("translator"))
    segment = StringSegment.objects.filter(source=ours.source, context__path__startswith="body").first()
    links = " ".join(LINKS.findall(segment.string.data))

    def save(value):
        return errors_of(type_translation(client, ours.translation, segment, f"{links} {value}"))

    usual, errors = cpu_time(lambda: save("a" * min(len(text), 90_000)))
    assert errors == []
    spent, (error,) = cpu_time(lambda: save(text))
    assert error
    assert StringTranslation.objects.get().data.removeprefix(links).strip(" a") == ""
    assert spent < 5 * usual + 1


def test_a_control_character_is_refused_in_the_editor(client, fixture_data):
    ours = fixture_data.ours
    client.force_login(make_actor("translator"))
    (error,) = errors_of(type_translation(client, ours.translation, ours.string_segment, "l\x92aide"))
    assert "U+0092" in error
    assert not StringTranslation.objects.exists()


def test_polib_numbers_the_lines_of_entries():
    assert [entry.linenum for entry in polib.pofile('msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "b"\n')] == [4]

"""Uploads of PO files: what fits is stored, what does not is named, and nothing is a silent success."""

import time
from urllib.parse import urlencode

import polib
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail_localize.models import StringTranslation

from cms.translations.po_files import import_po

from .fixture_data import make_actor

pytestmark = pytest.mark.embedded


@pytest.fixture
def upload(client, fixture_data):
    """Upload changed bytes of the exported file; return (level, text) of each message and the stored texts."""
    translation = fixture_data.ours.translation
    client.force_login(make_actor("translator"))

    def upload(change_entry=lambda entry: None, change_text=lambda text: text, encoding="utf-8"):
        po = translation.export_po()
        for entry in po:
            entry.msgstr = f"Café {entry.msgctxt}"
            change_entry(entry)
        content = change_text(str(po)).encode(encoding)
        response = client.post(
            reverse("wagtail_localize:upload_pofile", args=[translation.pk]),
            {"file": SimpleUploadedFile("a.po", content)},
            follow=True,
        )
        found = [(message.level_tag, str(message)) for message in response.context["messages"]]
        return found, set(StringTranslation.objects.values_list("data", flat=True))

    upload.total = len(translation.export_po())
    return upload


def without_context(entry):
    entry.msgctxt = None


def with_a_blank(entry):
    entry.msgid += " "


def without_translation(entry):
    entry.msgstr = ""


def fuzzy(entry):
    entry.flags.append("fuzzy")


def fuzzy_title(entry):
    if entry.msgctxt == "title":
        fuzzy(entry)


def test_all_entries_of_an_unchanged_file_are_stored(upload):
    messages, stored = upload()
    assert [level for level, _text in messages] == ["success"]
    assert f"{upload.total} " in messages[0][1]
    assert "Café title" in stored
    again, _stored = upload()
    assert "; 0 " in again[0][1]


def test_entries_of_no_text_of_the_content_cost_no_query(fixture_data):
    translation = fixture_data.ours.translation
    po = translation.export_po()
    known = len(po)
    with CaptureQueriesContext(connection) as few:
        import_po(translation, po, None)
    for number in range(500):
        po.append(polib.POEntry(msgctxt="title", msgid=f"Nothing {number}", msgstr="x"))
    with CaptureQueriesContext(connection) as many:
        assert len(import_po(translation, po, None).unknown) == 500
    assert len(po) == known + 500
    assert len(many) == len(few)


def test_an_entry_that_is_there_twice_is_named(upload):
    def repeat(text):
        return text + text[text.rindex("msgctxt") :]

    messages, stored = upload(change_text=repeat)
    assert [level for level, _text in messages] == ["error"]
    assert not stored


@pytest.mark.parametrize("change", [without_context, with_a_blank, without_translation, fuzzy])
def test_a_file_of_which_nothing_fits_is_no_success(upload, change):
    messages, stored = upload(change)
    assert [level for level, _text in messages] == ["error", "error"]
    assert f"({upload.total})" in messages[1][1] or f" {upload.total}." in messages[1][1]
    assert stored == set()


def test_a_fuzzy_entry_is_left_out_and_named(upload):
    messages, stored = upload(fuzzy_title)
    assert [level for level, _text in messages] == ["success", "warning"]
    assert "fuzzy" in messages[1][1]
    assert "(1)" in messages[1][1]
    assert stored
    assert "Café title" not in stored


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252"])
def test_utf_8_with_another_charset_in_its_header_is_read_as_utf_8(upload, charset):
    messages, stored = upload(change_text=lambda text: text.replace("utf-8", charset))
    assert [level for level, _text in messages] == ["success", "warning"]
    assert charset in messages[1][1]
    assert "Café title" in stored


def test_another_encoding_is_refused_and_named(upload):
    messages, stored = upload(change_text=lambda text: text.replace("utf-8", "cp1252"), encoding="cp1252")
    assert [level for level, _text in messages] == ["error"]
    assert "Windows-1252" in messages[0][1]
    assert stored == set()


def test_a_control_character_is_refused_with_its_line(upload):
    def change(entry):
        if entry.msgctxt == "title":
            entry.msgstr = "l\x92aide"

    messages, stored = upload(change)
    assert [level for level, _text in messages] == ["error"]
    assert "U+0092" in messages[0][1]
    assert stored == set()


def test_a_translation_with_other_links_is_stored_and_named(upload):
    def change(entry):
        if entry.msgctxt == "title":
            entry.msgstr = '<a id="a9">Café</a>'

    messages, stored = upload(change)
    assert [level for level, _text in messages] == ["success", "warning"]
    assert "(1)" in messages[1][1]
    assert '<a id="a9">Café</a>' in stored


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
    spent, (messages, stored) = cpu_time(lambda: upload(title(text)))
    assert [level for level, _text in messages] == ["success", "warning"]
    assert "(1)" in messages[1][1]
    assert text not in stored
    assert spent < 5 * usual + 1


@pytest.mark.parametrize("text", [*UNENDED, "a" * 100_001, "<p>a</p>", "&#" + "1" * 5_000 + ";"], ids=len)
def test_a_text_with_faulty_tags_is_refused_in_the_editor_in_a_short_time(client, fixture_data, text):
    ours = fixture_data.ours
    client.force_login(make_actor("translator"))
    address = reverse("wagtail_localize:edit_string_translation", args=[ours.translation.pk, ours.string_segment.pk])

    def put(value):
        return client.put(address, urlencode({"value": value}), "application/x-www-form-urlencoded")

    usual, answer = cpu_time(lambda: put("a" * min(len(text), 100_000)))
    assert answer.status_code == 201
    spent, answer = cpu_time(lambda: put(text))
    assert answer.status_code == 400
    assert answer.json()["value"][0]
    assert StringTranslation.objects.get().data.strip("a") == ""
    assert spent < 5 * usual + 1


def test_a_control_character_is_refused_in_the_editor(client, fixture_data):
    ours = fixture_data.ours
    client.force_login(make_actor("translator"))
    address = reverse("wagtail_localize:edit_string_translation", args=[ours.translation.pk, ours.string_segment.pk])
    response = client.put(address, "value=l%C2%92aide", "application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert not StringTranslation.objects.exists()


def test_polib_numbers_the_lines_of_entries():
    assert [entry.linenum for entry in polib.pofile('msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "b"\n')] == [4]

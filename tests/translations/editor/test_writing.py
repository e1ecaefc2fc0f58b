"""Writing in the editor: texts, tags, conflicts, confirmations, locks, and saving in the background."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page
from wagtail_localize.models import StringTranslation

from cms.translations.editor.editor_segments import editor_segments
from cms.translations.editor.saving import DIGEST, TEXT
from cms.translations.models import OutdatedTranslation

from .conftest import messages_of

pytestmark = pytest.mark.django_db

SUMMARY = "Un repas chaud par jour."


@pytest.fixture(autouse=True)
def translator(editor):
    editor.log_in("translator", "translator:en")


def test_a_translator_sees_each_text_with_its_place_and_writes_it(editor):
    content = editor.open().content.decode()
    for words in (SUMMARY, "Ouvert le lundi.", "Titre", "Résumé", 'lang="fr"', 'lang="en"'):
        assert words in content
    response = editor.write({SUMMARY: "A hot meal a day."})
    assert messages_of(response) == [("success", "Enregistré.")]
    assert editor.stored() == {SUMMARY: "A hot meal a day."}
    row = StringTranslation.objects.get()
    assert (row.translation_type, row.last_translated_by.username) == ("manual", "translator")
    assert "1 sur 5" in response.content.decode()


def test_characters_of_html_are_typed_as_they_are(editor, translated):
    translated.edit(summary="Santé & social : 3 < 5")
    translated.source.update_from_db()
    assert editor.segment("Santé & social : 3 < 5").is_html is False
    editor.write({"Santé & social : 3 < 5": "Health & <b>care</b>: 3 < 5"})
    (stored,) = editor.stored().values()
    assert stored == "Health &amp; &lt;b&gt;care&lt;/b&gt;: 3 &lt; 5"
    translated.write({text: text for text in ("Aide alimentaire", "aide-alimentaire")})
    draft = translated.source.get_ephemeral_translated_instance(translated.translation.target_locale, fallback=True)
    assert draft.summary == "Health & <b>care</b>: 3 < 5"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("Open on Monday.", "manque"),
        ("Open on <b>Monday.", "manque"),
        ("Open <b>on</b> <i>Monday</i>.", "pas de balise"),
        ("Open <b>on</b> <script>Monday</script>.", "admise"),
        ("Open <b>on</b> \x07Monday.", "U+0007"),
    ],
)
def test_damaged_tags_are_refused_and_what_was_typed_stays(editor, translated, typed, reason):
    translated.edit(body=[("text", "<p>Ouvert le <b>lundi</b>.</p>")])
    translated.source.update_from_db()
    source = "Ouvert le <b>lundi</b>."
    response = editor.write({source: typed, SUMMARY: "A hot meal a day."})
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert editor.stored() == {SUMMARY: "A hot meal a day."}
    segment = next(each for each in response.context["texts"] if each.source == source)
    assert segment.typed == typed
    assert reason in segment.error
    assert 'aria-invalid="true"' in response.content.decode()


def test_tags_of_the_original_are_kept(editor, translated):
    translated.edit(body=[("text", "<p>Ouvert le <b>lundi</b> &amp; mardi.</p>")])
    translated.source.update_from_db()
    editor.write({"Ouvert le <b>lundi</b> &amp; mardi.": "Open on <b>Monday</b> & Tuesday."})
    assert set(editor.stored().values()) == {"Open on <b>Monday</b> &amp; Tuesday."}


def test_a_text_that_is_too_long_is_refused(editor):
    response = editor.write({"Aide alimentaire": "x" * 256})
    assert "255" in response.content.decode()
    assert editor.stored() == {}


def test_a_text_that_somebody_has_changed_meanwhile_is_not_overwritten(editor, translated):
    data = editor.fields({SUMMARY: "My text."})
    translated.write({SUMMARY: "Another person's text."})
    response = editor.send(data)
    assert editor.stored() == {SUMMARY: "Another person's text."}
    segment = next(each for each in response.context["texts"] if each.source == SUMMARY)
    assert segment.typed == "My text."
    assert "Another person's text." in segment.error
    # The form that was shown again has the digest of the other text: saving it is a decision.
    editor.send({TEXT + segment.key: "My text.", DIGEST + segment.key: segment.digest})
    assert editor.stored() == {SUMMARY: "My text."}


def test_an_unchanged_text_is_not_the_work_of_who_saves(editor, translated):
    translated.write({SUMMARY: "A hot meal a day."})
    before = StringTranslation.objects.get()
    editor.write({SUMMARY: "A hot meal a day. "})
    after = StringTranslation.objects.get()
    assert (after.last_translated_by, after.updated_at) == (None, before.updated_at)


def test_an_empty_text_removes_the_translation(editor, translated):
    translated.write({SUMMARY: "A hot meal a day."})
    editor.write({SUMMARY: "  "})
    assert editor.stored() == {}


def test_an_outdated_text_shows_its_changes_and_can_be_confirmed(editor, translated):
    translated.write(translated.texts)
    translated.publish()
    translated.edit(summary="Un repas chaud chaque jour.")
    content = editor.open(show="outdated").content.decode()
    assert "<del>par</del><ins>chaque</ins>" in content
    assert "Ouvert le lundi." not in content
    editor.send(editor.fields(confirmed=["Un repas chaud chaque jour."]))
    assert not OutdatedTranslation.objects.exists()
    assert editor.stored()["Un repas chaud chaque jour."] == "A hot meal a day."


def test_a_machine_translation_is_confirmed_by_a_person(editor, translated):
    translated.write({SUMMARY: "A hot meal a day."})
    StringTranslation.objects.update(translation_type="machine")
    assert "automatique" in editor.open(show="to-do").content.decode()
    editor.send(editor.fields(confirmed=[SUMMARY]))
    assert StringTranslation.objects.get().translation_type == "manual"


def test_a_text_that_left_the_original_is_named(editor, translated):
    data = editor.fields({SUMMARY: "A hot meal a day."})
    translated.edit(summary="Autre chose.")
    translated.source.update_from_db()
    response = editor.send(data)
    assert any("A hot meal a day." in text for _level, text in messages_of(response))
    assert editor.stored() == {}


def test_texts_are_saved_in_the_background(editor):
    response = editor.send(editor.fields({SUMMARY: "A hot meal, 3 a day."}), HTTP_ACCEPT="application/json")
    segment = editor.segment(SUMMARY)
    answer = response.json()
    assert answer["errors"] == {}
    assert answer["saved"][segment.key]["digest"] == segment.digest
    assert "3" in answer["saved"][segment.key]["warnings"][0]["text"]
    assert answer["progress"].endswith("1 sur 5")
    refused = editor.send(editor.fields({"Aide alimentaire": "x" * 256}), HTTP_ACCEPT="application/json").json()
    assert list(refused["errors"]) == [editor.segment("Aide alimentaire").key]
    assert refused["saved"] == {}


def test_a_locked_page_is_read_only_and_nothing_is_lost(editor, translated):
    page = translated.translation.get_target_instance()
    Page.objects.filter(pk=page.pk).update(locked=True)
    assert "readonly" in editor.open().content.decode()
    response = editor.write({SUMMARY: "A hot meal a day."})
    assert editor.stored() == {}
    segment = next(each for each in response.context["texts"] if each.source == SUMMARY)
    assert segment.typed == "A hot meal a day."


def test_who_may_not_edit_the_page_does_not_open_it(editor, client):
    editor.log_in("reader", "reader")
    assert editor.open().status_code == 403
    assert client.post(editor.url, {}).status_code == 403


def test_a_stopped_translation_and_an_alias_are_not_found(editor, translated):
    translated.translation.enabled = False
    translated.translation.save()
    assert editor.open().status_code == 404


def test_the_number_of_queries_does_not_depend_on_the_number_of_texts(editor, translated, commits):
    editor.open()  # Fills the caches of the process.
    with CaptureQueriesContext(connection) as few:
        editor.open()
    translated.edit(body=[("text", "".join(f"<p>Texte numéro {number}.</p>" for number in range(45)))])
    translated.source.update_from_db()
    assert len(editor_segments(translated.translation)) > 40
    with CaptureQueriesContext(connection) as many:
        content = editor.open().content.decode()
    assert "Texte numéro 44." in content
    assert len(many) == len(few)


def test_long_pages_are_divided(editor, translated):
    translated.edit(body=[("text", "".join(f"<p>Texte numéro {number}.</p>" for number in range(120)))])
    translated.source.update_from_db()
    first, last = editor.open(), editor.open(p=3)
    assert len(first.context["texts"]) == 50
    assert "Texte numéro 119." in last.content.decode()
    assert "Texte numéro 0." not in last.content.decode()


def test_a_request_of_more_texts_than_a_page_is_refused(editor, client):
    data = {f"{TEXT}{number}-1": "x" for number in range(101)}
    assert client.post(editor.url, data).status_code == 400


def test_a_page_of_texts_is_saved_in_few_queries(editor, translated, client):
    translated.edit(body=[("text", "".join(f"<p>Texte numéro {number}.</p>" for number in range(45)))])
    translated.source.update_from_db()
    data = editor.fields({f"Texte numéro {number}.": f"Text number {number}." for number in range(45)})
    with CaptureQueriesContext(connection) as queries:
        client.post(editor.url, data)
    assert len(editor.stored()) == 45
    assert len(queries) < 90

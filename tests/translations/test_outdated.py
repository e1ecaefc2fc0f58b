"""Translations of a source that changes: what is kept, what is marked as outdated, and what readers learn."""

import json
import re
import time

import pytest
from django.urls import reverse
from django.utils.html import strip_tags
from wagtail_localize.models import StringTranslation, TranslationSource

from cms.delivery.models import PublishedDocument
from cms.translations.models import OutdatedTranslation, TranslationProgress, TranslationUpdate
from cms.translations.progress import kept_translations
from cms.translations.progress.changed_texts import difference
from cms.translations.progress.kept_translations import SourceText
from cms.translations.progress.segments import segments_of
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def body(translation):
    return str(translation.get_target_instance().body)


def states(translation):
    return {segment.source: segment.state.value for segment in segments_of(translation)}


def progress(translation):
    row = TranslationProgress.objects.get(translation=translation)
    return row.translated, row.segments, row.outdated


def document(page, locale="en"):
    return json.loads(PublishedDocument.objects.get(content_id=page.translation_key, locale=locale).body)


def changed_body(translated, *paragraphs):
    block = translated.page.body.get_prep_value()
    block[0]["value"] = "".join(f"<p>{text}</p>" for text in paragraphs)
    return json.dumps(block)


def test_one_changed_sentence_is_outdated_and_stays_public(translated):
    translated.write(translated.texts)
    translated.publish()
    assert document(translated.page)["translation"]["stale"] is False
    translated.edit(body=changed_body(translated, "Ouvert le mardi.", "Fermé en août."))
    assert states(translated.translation) == {
        **dict.fromkeys(TEXTS_KEPT, "translated"), "Ouvert le mardi.": "outdated",
    }  # fmt: skip
    mark = OutdatedTranslation.objects.get()
    assert (mark.former_source, mark.string_translation.data) == ("Ouvert le lundi.", "Open on Mondays.")
    assert progress(translated.translation) == (5, 5, 1)
    state = document(translated.page)["translation"]
    assert (state["status"], state["stale"], state["progress"]) == (
        "translated",
        True,
        {"segments": 5, "translated": 5},
    )
    assert state["stale_since"]
    assert "Open on Mondays." in body(translated.translation)
    translated.publish()
    assert "Open on Mondays." in body(translated.translation), "a text in the source language took its place"
    assert document(translated.page)["translation"]["stale"] is True, "published again without a change"
    translated.write({"Ouvert le mardi.": "Open on Tuesdays."})
    assert document(translated.page)["translation"]["stale"] is True, "written, but not published"
    translated.publish()
    assert "Open on Tuesdays." in body(translated.translation)
    assert document(translated.page)["translation"]["stale"] is False
    assert not OutdatedTranslation.objects.exists()


def test_a_translation_that_takes_long_to_parse_is_kept_as_a_faulty_one(translated):
    translated.write(translated.texts)
    text = "<a " * 10_000
    StringTranslation.objects.filter(data="Open on Mondays.").update(data=text)
    started = time.process_time()
    translated.edit(body=changed_body(translated, "Ouvert le mardi.", "Fermé en août."))
    assert time.process_time() - started < 10
    kept = StringTranslation.objects.get(translation_of__data="Ouvert le mardi.")
    assert (kept.data, kept.has_error) == (text, True)


TEXTS_KEPT = ("Aide alimentaire", "aide-alimentaire", "Un repas chaud par jour.", "Fermé en août.")


def test_a_confirmed_text_is_current(translated):
    translated.write(translated.texts)
    translated.edit(summary="Un repas chaud chaque jour.")
    assert progress(translated.translation) == (5, 5, 1)
    translated.write({"Un repas chaud chaque jour.": "A hot meal a day."})
    assert progress(translated.translation) == (5, 5, 0)


def test_two_changes_in_a_row_name_the_text_that_was_translated(translated):
    translated.write(translated.texts)
    for summary in ("Un repas par jour.", "Deux repas par jour."):
        translated.edit(summary=summary)
    mark = OutdatedTranslation.objects.get()
    assert (mark.former_source, mark.string_translation.data) == ("Un repas chaud par jour.", "A hot meal a day.")
    assert mark.string_translation.translation_of.data == "Deux repas par jour."
    translated.edit(summary="Un repas chaud par jour.")
    assert not OutdatedTranslation.objects.exists(), "the translated text is back"
    assert progress(translated.translation) == (5, 5, 0)


def test_moved_paragraphs_keep_their_translations(translated):
    translated.write(translated.texts)
    translated.edit(body=changed_body(translated, "Fermé en août.", "Ouvert le lundi."))
    assert progress(translated.translation) == (5, 5, 0)
    block = translated.page.body.get_prep_value()
    block[0]["id"] = "11111111-2222-4333-8444-555555555555"
    translated.edit(body=json.dumps(block))
    assert progress(translated.translation) == (5, 5, 0), "a block was cut and pasted"


def test_an_added_paragraph_is_untranslated_and_the_page_outdated(translated):
    translated.write(translated.texts)
    translated.publish()
    translated.edit(body=changed_body(translated, "Ouvert le lundi.", "Fermé en août.", "Venez avec vos papiers."))
    assert progress(translated.translation) == (5, 6, 0)
    assert document(translated.page)["translation"]["stale"] is True
    assert "papiers" not in body(translated.translation)


def test_a_removed_paragraph_makes_the_page_outdated(translated):
    translated.write(translated.texts)
    translated.publish()
    translated.edit(body=changed_body(translated, "Ouvert le lundi."))
    assert progress(translated.translation) == (4, 4, 0)
    assert document(translated.page)["translation"]["stale"] is True
    translated.publish()
    assert document(translated.page)["translation"]["stale"] is False


def test_links_that_the_new_text_lacks_leave_their_words(translated):
    link = 'Voir <a href="https://example.org/">le site</a> pour les horaires.'
    translated.edit(body=changed_body(translated, link, "Fermé en août."))
    translated.write({'Voir <a id="a1">le site</a> pour les horaires.': 'See <a id="a1">the site</a> for the hours.'})
    translated.edit(body=changed_body(translated, "Voir le site pour les horaires.", "Fermé en août."))
    mark = OutdatedTranslation.objects.get()
    assert mark.string_translation.data == "See the site for the hours."
    assert not mark.string_translation.has_error


def test_a_synchronisation_by_hand_keeps_texts_too(translated):
    translated.write(translated.texts)
    translated.edit(summary="Un repas chaud chaque jour.")
    source = TranslationSource.objects.get(pk=translated.source.pk)
    source.update_from_db()
    assert StringTranslation.objects.filter(data="A hot meal a day.").count() == 2
    assert states(translated.translation)["Un repas chaud chaque jour."] == "outdated"


def test_a_draft_of_a_live_page_changes_nothing(translated, commits):
    translated.write(translated.texts)
    with commits():
        draft = translated.page.specific
        draft.summary = "Un brouillon."
        draft.save_revision()
    assert not TranslationUpdate.objects.exists()
    assert progress(translated.translation) == (5, 5, 0)


def test_a_failed_update_holds_no_other_and_is_kept(translated, commits, monkeypatch, caplog):
    translated.write(translated.texts)
    with monkeypatch.context() as broken:
        broken.setattr(TranslationSource, "update_from_db", lambda source: 1 / 0)
        translated.edit(summary="Un repas chaud chaque jour.")
    failed = TranslationUpdate.objects.get()
    assert (failed.attempts, failed.error) == (1, "ZeroDivisionError: division by zero")
    assert "could not be updated" in caplog.text
    translated.write({"Aide alimentaire": "Food aid!"})
    assert not TranslationUpdate.objects.exists()
    assert states(translated.translation)["Un repas chaud chaque jour."] == "outdated"


def test_thousands_of_changed_paragraphs_cost_a_comparison_with_their_neighbours(monkeypatch):
    compared = []
    similarity = kept_translations._similarity
    monkeypatch.setattr(kept_translations, "_similarity", lambda *words: compared.append(words) or similarity(*words))
    before = [SourceText(1, number, f"Le service {number} ouvre le lundi") for number in range(3000)]
    after = [SourceText(1, 10_000 + number, f"Le service {number} ouvre le mardi") for number in range(3000)]
    matches = kept_translations.match_texts(before, after)
    assert [matches[text].string for text in after] == list(range(3000))
    assert len(compared) <= 3000 * kept_translations.NEIGHBOURS


def test_readers_are_informed(translated, department, client):
    translated.write(translated.texts)
    page = translated.publish()

    def notice():
        html = client.get(page.specific.url, headers={"host": department.site.hostname}).content.decode()
        found = re.search(r'<p class="notice(?P<kind>[^"]*)">(?P<text>.*?)</p>', html, re.DOTALL)
        return found["kind"].strip(), " ".join(strip_tags(found["text"]).split())

    assert notice() == ("", "Translated from French. Read the original")
    translated.edit(summary="Un repas chaud chaque jour.")
    kind, text = notice()
    assert kind == "notice-doubtful"
    assert re.fullmatch(r"Translated from French\. The original has changed since .+ \d{4}\. Read the original", text)


def test_the_editor_of_translations_shows_what_has_changed(translated, client):
    translated.write(translated.texts)
    client.force_login(make_user("translator", groups=["allier:translator:en"]))
    edit = reverse("wagtailadmin_pages:edit", args=[translated.translation.get_target_instance().pk])
    assert "changed-texts" not in client.get(edit).content.decode()
    translated.edit(summary="Un <b>repas</b> froid par jour.")
    html = client.get(edit).content.decode()
    assert "1 texte de l’original a changé depuis sa traduction." in html
    assert "A hot meal a day." in html
    shown = re.search(r'<dt lang="fr">(.*?)</dt>', html)[1]
    assert "&amp;lt;" not in shown, "escaped twice"
    assert strip_tags(re.sub("<ins>.*?</ins>", "", shown)) == "Un repas chaud par jour."
    assert "<del>chaud</del>" in shown


@pytest.mark.parametrize(
    ("former", "present", "expected"),
    [
        ("Ouvert le lundi.", "Ouvert le mardi.", "Ouvert le <del>lundi</del><ins>mardi</ins>."),
        ("Un", "Un deux", "Un<ins> deux</ins>"),
        ("<b>", "<i>", "&lt;<del>b</del><ins>i</ins>&gt;"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_differences_are_marked_word_by_word(former, present, expected):
    assert difference(former, present) == expected

"""The suggestions of the memory beside a text of the editor."""

import pytest
from django.urls import reverse

from cms.translations.memory.pair_storage import TextPair, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.models import MemoryPair

pytestmark = pytest.mark.django_db

SOURCE = "Ouvert le lundi."


@pytest.fixture
def remembered(department, translated):
    scope = Scope(department.pk, translated.source.locale_id, translated.translation.target_locale_id)
    pairs = [TextPair(SOURCE, "Open on Mondays."), TextPair("Ouvert le <b>jeudi</b>.", "Open on <b>Thursdays</b>.")]
    store_pairs(scope, pairs, MemoryPair.Origin.IMPORTED)


def url_of(editor, source=SOURCE):
    segment = editor.segment(source).text.segment
    return reverse("translation_suggestions", args=[editor.translation.pk, segment.context_id, segment.string_id])


@pytest.mark.usefixtures("remembered")
def test_a_translator_sees_percentage_difference_and_origin(client, editor):
    editor.log_in("translator", "translator:en")
    assert url_of(editor) in editor.open().content.decode()
    for query in ({}, {"part": "1"}):
        content = client.get(url_of(editor), query).content.decode()
        for words in ("100", "Open on Mondays.", "Open on Thursdays.", "<del>jeudi</del>", "<ins>lundi</ins>"):
            assert words in content
        assert 'lang="en"' in content
    assert "<html" not in content


@pytest.mark.usefixtures("remembered")
def test_a_reader_of_a_locked_translation_cannot_insert(client, editor, translated):
    editor.log_in("translator", "translator:en")
    assert "data-insert" in client.get(url_of(editor)).content.decode()
    page = translated.translation.get_target_instance()
    page.locked = True
    page.save()
    assert "data-insert" not in client.get(url_of(editor)).content.decode()


@pytest.mark.usefixtures("remembered")
def test_only_people_who_may_edit_the_translation_see_them(client, editor):
    editor.log_in("stranger", "translator:fr")
    assert client.get(url_of(editor)).status_code in (302, 403, 404)


def test_unknown_texts_are_not_found(client, editor):
    editor.log_in("translator", "translator:en")
    for place in ((1_000_000, 1), (2**70, 1)):
        url = reverse("translation_suggestions", args=[editor.translation.pk, *place])
        assert client.get(url).status_code == 404

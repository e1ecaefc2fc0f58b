"""The memory is filled from published texts that people have written or reviewed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail_localize.models import StringTranslation

from cms.translations.memory import pair_storage
from cms.translations.memory.deleted_contents import delete_pairs_of_deleted_contents
from cms.translations.models import MemoryBand, MemoryPair
from sites.lifecycle.language_removal import remove_language

pytestmark = pytest.mark.django_db

PUBLISHED = {
    "Aide alimentaire": "Food aid",
    "Un repas chaud par jour.": "A hot meal a day.",
    "Ouvert le lundi.": "Open on Mondays.",
    "Fermé en août.": "Closed in August.",
}


def stored():
    return dict(MemoryPair.objects.values_list("source", "target"))


def make_machine_text(source):
    rows = StringTranslation.objects.filter(translation_of__data=source)
    rows.update(translation_type=StringTranslation.TRANSLATION_TYPE_MACHINE)


def test_a_published_translation_fills_the_memory_and_a_draft_does_not(translated, department):
    translated.write(translated.texts)
    assert stored() == {}
    translated.publish()
    assert stored() == PUBLISHED  # Without the slug.
    pair = MemoryPair.objects.first()
    assert (pair.department, pair.origin, pair.content) == (department, "human", translated.page.translation_key)
    assert (pair.source_locale.language_code, pair.target_locale.language_code) == ("fr", "en")
    translated.publish()
    assert MemoryPair.objects.count() == len(PUBLISHED)


def test_texts_of_a_machine_enter_only_after_a_review(translated, english, department):
    department.publishes_machine_translations = True
    department.save()
    translated.write(translated.texts)
    make_machine_text("Ouvert le lundi.")
    translated.publish()
    assert "Ouvert le lundi." not in stored()
    assert len(stored()) == 3


def test_a_reviewed_text_of_a_machine_enters(editor, translated):
    translated.write(translated.texts)
    make_machine_text("Ouvert le lundi.")
    editor.log_in("translator", "translator:en")
    editor.send({}, "submit")
    assert stored() == {}
    editor.log_in("reviewer", "reviewer:en")
    editor.send({}, "approve")
    assert stored() == PUBLISHED


def test_a_text_that_was_changed_after_publication_enters_with_the_next_one(translated):
    translated.write(translated.texts)
    translated.publish()
    translated.write({"Ouvert le lundi.": "We open on Mondays."})
    assert stored()["Ouvert le lundi."] == "Open on Mondays."
    translated.publish()
    both = MemoryPair.objects.filter(source="Ouvert le lundi.").values_list("target", flat=True)
    assert set(both) == {"Open on Mondays.", "We open on Mondays."}


def test_the_translation_of_a_former_text_does_not_enter_for_the_new_text(translated):
    translated.write(translated.texts)
    translated.publish()
    translated.edit(summary="Un repas froid par jour.")
    translated.publish()
    assert "Un repas froid par jour." not in stored()


def test_the_number_of_queries_does_not_depend_on_the_number_of_texts(memory):
    numbers = []
    for name, size in (("a", 2), ("b", 20)):
        pairs = [(f"Le texte numéro {name}{number} est là", f"Text {name}{number}") for number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            assert memory.add(pairs) == size
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 6


def test_a_memory_has_a_limit_and_forgets_what_was_used_the_longest_time_ago(memory, monkeypatch):
    monkeypatch.setattr(pair_storage, "MAX_PAIRS", 3)
    memory.add([(f"Ancien texte {number}", "Old") for number in range(3)])
    memory.add([("Texte nouveau", "New")])
    assert MemoryPair.objects.count() == 3
    assert "Texte nouveau" in stored()
    assert not MemoryBand.objects.exclude(pair__in=MemoryPair.objects.all()).exists()


def test_texts_that_are_too_long_or_have_no_letters_are_not_stored(memory):
    assert memory.add([("x" * 5_001, "y"), ("12,5 %", "12.5%"), ("Bonjour", " "), ("Bonjour", "Hello")]) == 1


def test_an_imported_pair_does_not_change_a_human_one(memory, translated):
    translated.write(translated.texts)
    translated.publish()
    assert memory.add([("Ouvert le lundi.", "Open on Mondays.")]) == 0
    assert set(MemoryPair.objects.values_list("origin", flat=True)) == {"human"}


def test_texts_of_deleted_contents_are_forgotten_by_the_nightly_command(translated, memory):
    memory.add([("Bonjour à tous", "Hello everybody")])
    translated.write(translated.texts)
    page = translated.publish()
    assert delete_pairs_of_deleted_contents() == 0
    page.delete()
    translated.page.delete()
    assert delete_pairs_of_deleted_contents() == len(PUBLISHED)
    assert stored() == {"Bonjour à tous": "Hello everybody"}


def test_a_removed_language_takes_its_memory_along(memory, department, english, commits):
    memory.add([("Bonjour à tous", "Hello everybody")])
    with commits():
        remove_language(department.department_locales.get(locale=english))
    assert stored() == {}

"""Look-up in the memory: equal and similar texts, percentages, tags, and the number of queries."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.translations.memory.fitted_tags import fit_tags
from cms.translations.memory.pair_storage import MAX_PAIRS_IN_BAND
from cms.translations.memory.suggestions import WantedText, find_suggestions
from cms.translations.models import MemoryBand

pytestmark = pytest.mark.django_db

SYLLABLES = "ac cueil é du ca teur fa mil le so cial jeu nes ad ul te pro jet ser vi ce ha bi tat en fant"


def test_the_same_text_has_100_percent_and_a_similar_one_less(memory):
    memory.add([
        ("Le service est ouvert le lundi.", "The service is open on Mondays."),
        ("Le service est ouvert le mardi.", "The service is open on Tuesdays."),
        ("Une tout autre phrase, sans rapport.", "Another sentence."),
    ])  # fmt: skip
    found = memory.texts("Le service est ouvert le lundi.")
    assert found[0] == ("The service is open on Mondays.", 100)
    assert found[1][0] == "The service is open on Tuesdays."
    assert 70 <= found[1][1] < 100
    assert len(found) == 2


def test_texts_that_differ_in_tags_only_are_not_the_same(memory):
    memory.add([("Ouvert le <b>lundi</b>", "Open on <b>Mondays</b>")])
    assert memory.texts("Ouvert le lundi") == [("Open on Mondays", 99)]


def test_five_suggestions_at_most_each_text_once_and_not_the_present_translation(memory):
    memory.add([("Bonjour à toutes", f"Hello {number}") for number in range(8)])
    memory.add([("Bonjour à toutes !", "Hello 3")])
    assert len(memory.texts("Bonjour à toutes")) == 5
    texts = [text for text, _percentage in memory.texts("Bonjour à toutes", "Hello 7")]
    assert "Hello 7" not in texts
    assert len(set(texts)) == 5


def test_other_languages_are_another_memory(memory, department):
    memory.add([("Bonjour à tous", "Hello everybody")])
    turned = memory.scope._replace(source_locale=memory.scope.target_locale, target_locale=memory.scope.source_locale)
    assert find_suggestions([WantedText("Bonjour à tous")], turned) == [[]]


def test_similar_texts_are_found_among_many(memory):
    chance = random.Random(1)
    words = ["".join(chance.choices(SYLLABLES.split(), k=3)) for _number in range(400)]
    texts = [" ".join(chance.choices(words, k=12)) for _number in range(400)]
    memory.add([(text, f"Text {number}") for number, text in enumerate(texts)])
    missed = 0
    for number in range(0, 400, 10):
        changed = texts[number].split()
        changed[chance.randrange(12)] = "imprévu"
        missed += f"Text {number}" not in dict(memory.texts(" ".join(changed)))
    assert missed == 0


def test_all_texts_of_a_page_need_as_many_queries_as_one(memory):
    memory.add([(f"Le texte numéro {number} est là", f"Text {number}") for number in range(60)])
    numbers = []
    for size in (1, 50):
        wanted = [WantedText(f"Le texte numéro {number} est ici") for number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            assert all(find_suggestions(wanted, memory.scope))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 7


def test_a_band_has_a_limit(memory):
    memory.add([("Texte", f"Text {number}") for number in range(MAX_PAIRS_IN_BAND + 20)])
    sizes = {}
    for band in MemoryBand.objects.values_list("band", flat=True):
        sizes[band] = sizes.get(band, 0) + 1
    assert set(sizes.values()) == {MAX_PAIRS_IN_BAND}
    memory.add([("Texte", "The newest")])
    assert memory.texts("Texte")[0] == ("The newest", 100)


@pytest.mark.parametrize(
    ("source", "target", "fitted"),
    [
        ("Un <b>mot</b>", "A <b>word</b>", "A <b>word</b>"),
        ("Un mot", "A <b>word</b>", "A word"),
        ('Un <a id="a2">lien</a>', 'A <a id="a1">link</a>', 'A <a id="a2">link</a>'),
        ("Un <i>mot</i>", "A <b>word</b>", "A word"),
        ("Un <b>mot</b>", "<b>A</b> <b>word</b>", "<b>A</b> word"),
        ("<b>Un</b> <b>mot</b>", "A <b>word</b>", "A <b>word</b>"),
        ("<b>Un</b> <b>mot</b>", "<b>A <b>word</b></b>", "A word"),
        ("3 &lt; 5", "3 &lt; <b>5</b>", "3 &lt; 5"),
    ],
)
def test_tags_of_a_suggestion_fit_the_new_text(source, target, fitted):
    assert fit_tags(source, target) == fitted

"""Terms in originals and their translations, in inflected forms and in compounds."""

import time

import pytest

from cms.translations.glossary import term_matching
from cms.translations.glossary.term_matching import Glossary, TermTranslation

pytestmark = pytest.mark.embedded


def sources(terms, text):
    glossary = Glossary(TermTranslation(term, "x") for term in terms)
    return [found.source for found in glossary.terms_in(text)]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("travailleur social", "Les travailleurs sociaux du service"),
        ("éducateur spécialisé", "Deux Éducateurs spécialisés, à Laval"),
        ("éducateur spécialisé/éducatrice spécialisée", "une éducatrice spécialisée"),
        ("accueil", "L’accueil de jour"),
        ("aide à domicile", "les aides à domicile"),
    ],
)
def test_inflected_forms_of_a_term_are_found(term, text):
    assert sources([term], text) == [term]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("éducateur spécialisé", "L’éducation spécialisée est un métier"),
        ("conseiller", "un conseil"),
        ("aide à domicile", "une aide au domicile"),
        ("foyer", "un foyers-logement".replace("foyers", "loyer")),
    ],
)
def test_other_words_are_no_terms(term, text):
    assert sources([term], text) == []


def test_of_terms_that_overlap_the_longest_is_found_once():
    terms = ["éducateur", "éducateur spécialisé", "enfant"]
    assert sources(terms, "Un éducateur spécialisé aide un enfant et un enfant.") == ["éducateur spécialisé", "enfant"]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("social worker", "Social workers are wanted"),
        ("educatore professionale", "Gli educatori professionali"),
        ("educatore professionale/educatrice professionale", "un’educatrice professionale"),
        ("sosiaalityöntekijä", "Haemme sosiaalityöntekijöitä"),
        ("ohjaaja", "nuorisonohjaajan tehtävä"),
        ("operatore di strada", "gli operatori della strada"),
        ("EU", "the EU programme"),
    ],
)
def test_a_translated_term_is_found_in_its_forms(target, text):
    (found,) = Glossary([TermTranslation("terme", target)]).terms_in("un terme")
    assert found.is_in(text)


@pytest.mark.parametrize(("target", "text"), [("social worker", "Social care"), ("EU", "a museum"), ("aid", "paid")])
def test_another_translation_is_none(target, text):
    (found,) = Glossary([TermTranslation("terme", target)]).terms_in("un terme")
    assert not found.is_in(text)


def test_one_of_several_translations_suffices():
    glossary = Glossary([TermTranslation("foyer", "home"), TermTranslation("foyer", "hostel")])
    (found,) = glossary.terms_in("Un foyer")
    assert found.is_in("A hostel")
    assert not found.is_in("A house")


def test_a_large_glossary_costs_little():
    glossary = Glossary(
        TermTranslation(f"métier{'abcdefghij'[number % 10] * (number % 97)}", "x") for number in range(5000)
    )
    start = time.perf_counter()
    for _number in range(20):
        glossary.terms_in("un texte sans terme, " * 400)
    assert time.perf_counter() - start < 2


HOSTILE = {
    "terms that begin alike": (
        [(f"abcdefgh{chr(97 + n % 26)}{chr(97 + n // 26 % 26)} {'abc ' * 40}x{n}", "a") for n in range(10_000)],
        "abcdefghaa abc abc " * 500,
    ),
    "forms of one letter": ([("/".join("abcdefgh"[n % 8] * 90) + str(n), "a") for n in range(10_000)], "a b c"),
    "translations of one term": ([("foyer", f"{'maison logement ' * 12}{n}") for n in range(10_000)], "foyer " * 1_600),
    "terms of many words": (
        [(f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}", "/".join(["maison logement"] * 12))
         for n in range(10_000)],
        " ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(2_500)),
    ),
}  # fmt: skip


def test_a_search_costs_the_length_of_the_text():
    """500,000 searches in texts of 10,000 characters took 22 s."""
    term = TermTranslation("foyer", "/".join(["aaaaabaaaaaaccccccc"] * 10))
    (short,) = Glossary([term]).terms_in("foyer")
    (long,) = Glossary([term]).terms_in("foyer")
    short.is_in("a" * 400)
    long.is_in("a" * 9_990)
    used = [term_matching.MAX_COMPARISONS - found.comparisons.left for found in (short, long)]
    assert used[1] - used[0] == 10 * (9_992 // 500)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_glossaries_take_bounded_time(kind):
    """10,000 terms of a department took minutes for each opening of the editor."""
    terms, text = HOSTILE[kind]
    start = time.process_time()
    glossary = Glossary(TermTranslation(source, target) for source, target in terms)
    for number in range(50):
        for found in glossary.terms_in(f"{text} {number}"):
            found.is_in("autre " * 1_600)
    assert time.process_time() - start < 10

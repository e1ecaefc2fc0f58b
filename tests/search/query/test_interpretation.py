"""Query interpretation: names of several words, expansions, question words, paraphrases and spelling."""

import tomllib
from collections import Counter

import pytest

from search.linguistics.spelling import correct_spelling
from search.linguistics.thesaurus import PARAPHRASES_FILE, THESAURUS_FILE, paraphrases, thesaurus
from search.query.interpretation import (
    RelaxationLevel,
    _paraphrase_expansions,
    interpret_query,
    required_term_count,
    required_token_count,
)

LANGUAGES = ("fr", "en", "it", "fi")
MAX_NAMES = 6
# The name of a service and of the person who provides it.
TWO_MEANINGS = {"fr": {"aide à domicile"}}


class EmptyVocabulary:
    """A vocabulary of an empty index."""

    def has_word(self, folded):
        return False

    def has_stem(self, token):
        return False

    def nearest(self, folded):
        return []


def expansion_texts(q, code, languages=LANGUAGES):
    return [[name.text for name in term.expansions] for term in interpret_query(q, code, languages)]


def test_several_words_that_are_a_name_become_one_term():
    term, other = interpret_query("aide sociale à l’enfance Moulins", "fr", LANGUAGES)
    assert [token.word for token in term.tokens] == ["aide", "sociale", "enfance"]
    assert {"ASE", "protection de l’enfance"} <= {name.text for name in term.expansions}
    assert [token.word for token in other.tokens] == ["moulins"]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("foster care", "accueil familial"),
        ("tutela dei minori", "protection de l’enfance"),
        ("lastensuojelussa", "protection de l’enfance"),
        ("mineurs non accompagnés", "MNA"),
        ("ASE", "protection de l’enfance"),
        ("A.S.E.", "aide sociale à l'enfance"),
    ],
)
def test_a_name_in_any_language_expands_to_names_in_the_document_language(q, name):
    assert name in [text for texts in expansion_texts(q, "fr") for text in texts]


def all_expansion_texts(q, language, code="fr"):
    languages = (language, *(code for code in LANGUAGES if code != language))
    return {name for found in expansion_texts(q, code, languages) for name in found}


@pytest.mark.parametrize(
    ("q", "language", "name"),
    [
        ("lutte contre la pauvreté", "fr", "deuil"),
        ("tout d’abord", "fr", "avortement"),
        ("lecture", "fr", "formateur"),
        ("culte", "fr", "secte"),
        ("sale", "fr", "salaire"),
        ("train", "fr", "formation"),
        ("traîne", "fr", "formation"),
        ("studio", "fr", "formation"),
        ("occuper", "fr", "métier"),
        ("passe", "fr", "carte d’identité"),
        ("bande", "fr", "appel à projets"),
        ("debate", "en", "surendettement"),
        ("eroina", "it", "séparation"),
    ],
)
def test_equal_stems_of_different_languages_do_not_expand(q, language, name):
    assert name in {entry_name.text for names in thesaurus("fr").names.values() for entry_name in names}
    assert name not in all_expansion_texts(q, language)


def test_words_of_another_language_with_similar_letters_do_not_expand():
    assert "työpaikka" in all_expansion_texts("poste", "fr", "fi")
    assert "työpaikka" not in all_expansion_texts("posti", "fi", "fi")


@pytest.mark.parametrize(
    ("q", "language", "name"),
    [
        ("repas", "fr", "répit"),
        ("raté", "fr", "logement insalubre"),
        ("payer", "fr", "salaire"),
        ("salute dei bambini", "it", "salaire"),
    ],
)
def test_words_of_one_stem_need_the_same_first_letters(q, language, name):
    assert name in {entry_name.text for names in thesaurus("fr").names.values() for entry_name in names}
    assert name not in all_expansion_texts(q, language)


@pytest.mark.parametrize(
    ("q", "language"),
    [
        *((q, "fr") for q in ("seul", "amis", "bac", "patron", "violent", "mourir")),
        *((q, "en") for q in ("die", "temp", "trial", "hit", "confused", "premature", "stroke", "no", "food")),
        *((q, "fi") for q in ("muista palveluista", "raha", "vesi")),
        *((q, "it") for q in ("garante", "riabilitazione")),
    ],
)
def test_common_words_are_no_paraphrases(q, language):
    assert not list(_paraphrase_expansions(q, "fr", (language,)))


def test_stop_words_of_a_paraphrase_must_be_in_the_query():
    assert "suicide" in all_expansion_texts("je veux mourir", "fr")
    assert "suicide" not in all_expansion_texts("mourir à la maison", "fr")
    assert "isolement" in all_expansion_texts("je n'ai pas d'amis", "fr")


@pytest.mark.parametrize(
    ("q", "language", "name"),
    [
        ("lastensuojelussa", "fi", "protection de l’enfance"),
        ("chômeuse", "fr", "chômage"),
        ("puéricultrices", "fr", "infirmier puériculteur"),
        ("lapsia", "fi", "enfant"),
        ("non vedenti", "it", "déficience visuelle"),
    ],
)
def test_inflected_forms_match_a_thesaurus_name(q, language, name):
    assert name in all_expansion_texts(q, language)


def test_a_synonym_has_a_higher_boost_than_a_translation_and_expansions_are_limited():
    (term,) = interpret_query("ASE", "fr", LANGUAGES)
    factors = [name.boost for name in term.expansions]
    assert factors == sorted(factors, reverse=True)
    assert len(set(factors)) == 2
    assert all(
        len(term.expansions) <= 16
        for q in ("recrutement", "enfant", "travail social")
        for term in interpret_query(q, "fr", LANGUAGES)
    )


def test_an_abbreviation_expands_only_in_expected_languages():
    assert not any("maison de retraite" in found for found in expansion_texts("RSA", "fr"))
    assert any("maison de retraite" in found for found in expansion_texts("RSA", "fr", ("it", "fr")))


def test_question_words_are_optional_unless_there_are_no_others():
    terms = interpret_query("comment devenir assistante sociale", "fr", LANGUAGES)
    assert [term.is_optional for term in terms] == [True, False]
    assert required_term_count(terms, RelaxationLevel.ALL) == 1
    assert required_term_count(interpret_query("devenir", "fr", LANGUAGES), RelaxationLevel.ALL) == 0


def test_stop_words_of_the_query_language_are_dropped_in_other_languages():
    assert [
        token.word for term in interpret_query("come si diventa educatore", "fr", ("it", "fr")) for token in term.tokens
    ] == ["educatore"]


@pytest.mark.parametrize(
    ("q", "language", "name"),
    [
        ("mon voisin est trop seul", "fr", "isolement"),
        ("I grew up in care", "en", "maison d’enfants"),
        ("vogliono farmi sposare", "it", "mariage forcé"),
        ("tuli yksin", "fi", "mineurs non accompagnés"),
    ],
)
def test_a_paraphrase_expands_to_thesaurus_names(q, language, name):
    languages = (language, *(code for code in LANGUAGES if code != language))
    assert name in [text for texts in expansion_texts(q, "fr", languages) for text in texts]


def test_paraphrases_are_read_in_the_query_language_only():
    assert not [name for found in expansion_texts("tuli yksin", "fr", ("it", "fr")) for name in found]


def test_no_name_expands_to_a_paraphrase():
    names = {name.text for found in paraphrases("fr").names.values() for name in found}
    assert not names & {name for found in expansion_texts("mariage forcé solitude orphelinat", "fr") for name in found}


def test_a_paraphrase_keeps_the_expansions_of_names_inside_it():
    (term,) = interpret_query("garder mon fils handicapé", "fr", ("fr",))[-1:]
    assert "situation de handicap" in {name.text for name in term.expansions}


@pytest.mark.parametrize(("number", "numbers"), [(1, (1, 1, 1)), (2, (2, 1, 1)), (3, (3, 2, 1)), (4, (3, 2, 1))])
def test_each_relaxation_level_requires_fewer_terms(number, numbers):
    terms = interpret_query("Moulins Vichy Bordeaux Quimper", "fr", LANGUAGES)[:number]
    assert tuple(required_term_count(terms, level) for level in RelaxationLevel) == numbers


def test_the_last_level_requires_fewer_words_of_a_name():
    assert [required_token_count(3, level) for level in RelaxationLevel] == [3, 3, 2]


@pytest.mark.parametrize(
    ("q", "corrected"),
    [
        ("lastensuojleu", "lastensuojelu"),
        ("un fostr parent", "un foster parent"),
        ("éducateurspécialisé", "éducateur spécialisé"),
        ("sansabri", "sans-abri"),
        ("devenir", "devenir"),
        ("xyzxyz", "xyzxyz"),
        ("", ""),
    ],
)
def test_spelling_is_corrected_to_thesaurus_words_that_no_document_has(q, corrected):
    assert correct_spelling(q, LANGUAGES, EmptyVocabulary()) == corrected


def test_every_thesaurus_entry_has_names_in_each_language():
    entries = {entry for code in LANGUAGES for entry, found in thesaurus(code).names.items() if found}
    assert len(entries) >= 220
    for code in LANGUAGES:
        assert not [entry for entry in entries if not 1 <= len(thesaurus(code).names[entry]) <= MAX_NAMES], code


@pytest.mark.parametrize("code", LANGUAGES)
def test_thesaurus_names_are_unique_unless_they_have_two_meanings(code):
    found = Counter(name.text.casefold() for names in thesaurus(code).names.values() for name in names)
    assert {name for name, number in found.items() if number > 1} == TWO_MEANINGS.get(code, set())


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_thesaurus_name_has_terms_and_curly_apostrophes(code):
    written = {
        entry: by_language[code] for entry, by_language in tomllib.loads(THESAURUS_FILE.read_text("utf-8")).items()
    }
    assert {entry: len(names) for entry, names in written.items()} == {
        entry: len(names) for entry, names in thesaurus(code).names.items()
    }
    assert not [name for names in written.values() for name in names if "'" in name]


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_paraphrase_belongs_to_an_entry_and_is_no_thesaurus_name(code):
    written = {
        entry: by_language[code] for entry, by_language in tomllib.loads(PARAPHRASES_FILE.read_text("utf-8")).items()
    }
    assert written.keys() <= thesaurus(code).names.keys()
    for entry, found in written.items():
        assert len(found) == len(paraphrases(code).names[entry]) == len({text.casefold() for text in found}), entry
        assert not [name for name in found if "'" in name]
    known = {name.text.casefold() for found in thesaurus(code).names.values() for name in found}
    assert not [name for found in written.values() for name in found if name.casefold() in known]

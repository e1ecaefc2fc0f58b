"""How a query is read: names of several words, other names in every language, words that only ask, spelling."""

import tomllib
from collections import Counter

import pytest

from search.linguistics.glossary import GLOSSARY_FILE, PARAPHRASES_FILE, glossary, paraphrases
from search.linguistics.spelling import correct_spelling
from search.query.interpretation import (
    RelaxationLevel,
    _paraphrase_expansions,
    interpret_query,
    required_term_count,
    required_token_count,
)

LANGUAGES = ("fr", "en", "it", "fi")
MAX_NAMES = 6
# The service and the one who does it.
TWO_MEANINGS = {"fr": {"aide à domicile"}}


class Nothing:
    """An index without any document."""

    def has_word(self, folded):
        return False

    def has_stem(self, token):
        return False

    def nearest(self, folded):
        return []


def names(q, code, languages=LANGUAGES):
    return [[name.text for name in place.expansions] for place in interpret_query(q, code, languages)]


def test_several_words_are_one_name_and_their_own_words_stay():
    place, other = interpret_query("aide sociale à l’enfance Moulins", "fr", LANGUAGES)
    assert [token.word for token in place.tokens] == ["aide", "sociale", "enfance"]
    assert {"ASE", "protection de l’enfance"} <= {name.text for name in place.expansions}
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
def test_a_name_in_any_language_leads_to_those_of_the_documents(q, name):
    assert name in [each for found in names(q, "fr") for each in found]


def all_names(q, language, code="fr"):
    languages = (language, *(each for each in LANGUAGES if each != language))
    return {name for found in names(q, code, languages) for name in found}


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
def test_a_stem_that_two_languages_have_by_chance_means_nothing(q, language, name):
    assert name in {each.text for found in glossary("fr").names.values() for each in found}
    assert name not in all_names(q, language)


def test_no_letters_of_another_language_are_read_into_a_word():
    assert "työpaikka" in all_names("poste", "fr", "fi")
    assert "työpaikka" not in all_names("posti", "fi", "fi")


@pytest.mark.parametrize(
    ("q", "language", "name"),
    [
        ("repas", "fr", "répit"),
        ("raté", "fr", "logement insalubre"),
        ("payer", "fr", "salaire"),
        ("salute dei bambini", "it", "salaire"),
    ],
)
def test_words_of_one_stem_that_do_not_begin_alike_are_not_one_name(q, language, name):
    assert name in {each.text for found in glossary("fr").names.values() for each in found}
    assert name not in all_names(q, language)


@pytest.mark.parametrize(
    ("q", "language"),
    [
        *((q, "fr") for q in ("seul", "amis", "bac", "patron", "violent", "mourir")),
        *((q, "en") for q in ("die", "temp", "trial", "hit", "confused", "premature", "stroke", "no", "food")),
        *((q, "fi") for q in ("muista palveluista", "raha", "vesi")),
        *((q, "it") for q in ("garante", "riabilitazione")),
    ],
)
def test_what_is_told_is_not_read_into_a_common_word(q, language):
    assert not list(_paraphrase_expansions(q, "fr", (language,)))


def test_stop_words_of_what_is_told_must_stand_there():
    assert "suicide" in all_names("je veux mourir", "fr")
    assert "suicide" not in all_names("mourir à la maison", "fr")
    assert "isolement" in all_names("je n'ai pas d'amis", "fr")


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
def test_other_forms_of_a_word_are_its_name(q, language, name):
    assert name in all_names(q, language)


def test_a_synonym_is_worth_more_than_a_translation_and_names_are_no_flood():
    (place,) = interpret_query("ASE", "fr", LANGUAGES)
    factors = [name.boost for name in place.expansions]
    assert factors == sorted(factors, reverse=True)
    assert len(set(factors)) == 2
    assert all(
        len(place.expansions) <= 16
        for q in ("recrutement", "enfant", "travail social")
        for place in interpret_query(q, "fr", LANGUAGES)
    )


def test_an_abbreviation_of_a_language_that_was_not_asked_for_means_nothing():
    assert not any("maison de retraite" in found for found in names("RSA", "fr"))
    assert any("maison de retraite" in found for found in names("RSA", "fr", ("it", "fr")))


def test_words_that_only_ask_need_not_match_unless_there_are_no_others():
    places = interpret_query("comment devenir assistante sociale", "fr", LANGUAGES)
    assert [place.is_optional for place in places] == [True, False]
    assert required_term_count(places, RelaxationLevel.ALL) == 1
    assert required_term_count(interpret_query("devenir", "fr", LANGUAGES), RelaxationLevel.ALL) == 0


def test_what_says_nothing_in_the_language_of_the_question_says_nothing_in_another():
    assert [
        token.word
        for place in interpret_query("come si diventa educatore", "fr", ("it", "fr"))
        for token in place.tokens
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
def test_what_somebody_tells_in_other_words_leads_to_what_it_is_called(q, language, name):
    languages = (language, *(each for each in LANGUAGES if each != language))
    assert name in [each for found in names(q, "fr", languages) for each in found]


def test_what_is_told_is_read_in_the_language_of_the_question_only():
    assert not [name for found in names("tuli yksin", "fr", ("it", "fr")) for name in found]


def test_nothing_leads_to_what_people_say():
    told = {name.text for found in paraphrases("fr").names.values() for name in found}
    assert not told & {name for found in names("mariage forcé solitude orphelinat", "fr") for name in found}


def test_what_is_told_takes_no_word_away_from_what_is_called_by_its_name():
    (place,) = interpret_query("garder mon fils handicapé", "fr", ("fr",))[-1:]
    assert "situation de handicap" in {name.text for name in place.expansions}


@pytest.mark.parametrize(("number", "numbers"), [(1, (1, 1, 1)), (2, (2, 1, 1)), (3, (3, 2, 1)), (4, (3, 2, 1))])
def test_fewer_words_need_to_match_from_one_width_to_the_next(number, numbers):
    places = interpret_query("Moulins Vichy Bordeaux Quimper", "fr", LANGUAGES)[:number]
    assert tuple(required_term_count(places, width) for width in RelaxationLevel) == numbers


def test_the_words_of_a_name_may_be_fewer_only_when_any_word_will_do():
    assert [required_token_count(3, width) for width in RelaxationLevel] == [3, 3, 2]


@pytest.mark.parametrize(
    ("q", "meant"),
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
def test_words_of_the_field_are_respelt_even_when_no_document_has_them(q, meant):
    assert correct_spelling(q, LANGUAGES, Nothing()) == meant


def test_every_entry_of_the_glossary_has_names_in_each_language():
    entries = {entry for code in LANGUAGES for entry, found in glossary(code).names.items() if found}
    assert len(entries) >= 220
    for code in LANGUAGES:
        assert not [entry for entry in entries if not 1 <= len(glossary(code).names[entry]) <= MAX_NAMES], code


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_name_of_the_glossary_stands_twice_in_a_language_unless_it_has_two_meanings(code):
    found = Counter(name.text.casefold() for names in glossary(code).names.values() for name in names)
    assert {name for name, number in found.items() if number > 1} == TWO_MEANINGS.get(code, set())


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_name_of_the_glossary_can_be_found_and_has_curly_apostrophes(code):
    written = {
        entry: by_language[code] for entry, by_language in tomllib.loads(GLOSSARY_FILE.read_text("utf-8")).items()
    }
    assert {entry: len(names) for entry, names in written.items()} == {
        entry: len(names) for entry, names in glossary(code).names.items()
    }
    assert not [name for names in written.values() for name in names if "'" in name]


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_people_say_is_another_way_to_an_entry_that_has_a_name(code):
    written = {
        entry: by_language[code] for entry, by_language in tomllib.loads(PARAPHRASES_FILE.read_text("utf-8")).items()
    }
    assert written.keys() <= glossary(code).names.keys()
    for entry, found in written.items():
        assert len(found) == len(paraphrases(code).names[entry]) == len({each.casefold() for each in found}), entry
        assert not [name for name in found if "'" in name]
    known = {name.text.casefold() for found in glossary(code).names.values() for name in found}
    assert not [name for found in written.values() for name in found if name.casefold() in known]

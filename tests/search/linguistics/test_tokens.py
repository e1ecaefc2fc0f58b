"""Words are reduced to the index terms that all their forms share."""

import pytest

from search.linguistics.languages import language_of
from search.linguistics.tokens import CACHED_RUNS, TokensByRun, fold, matching_tokens, tokens, tokens_without_positions


def terms(text, language="fr"):
    return [token.term for token in tokens(text, language)]


@pytest.mark.parametrize(
    "compound",
    ["assistant·e", "assistant·e·s", "assistant.e.s", "assistant(e)", "assistant-e", "assistant/e", "assistantes"],
)
def test_appended_endings_are_removed(compound):
    assert terms(compound) == terms("assistant")


@pytest.mark.parametrize(
    ("compound", "word"),
    [
        ("éducateur/trice", "éducateur"),
        ("éducateur·rice", "éducateur"),
        ("infirmier(ère)s", "infirmier"),
        ("conseiller·ère", "conseiller"),
        ("travailleur/euse", "travailleur"),
        ("éducatrice", "éducateur"),
        ("conseillères", "conseiller"),
        ("infirmière", "infirmier"),
        ("technicienne", "technicien"),
    ],
)
def test_both_genders_of_a_profession_have_one_term(compound, word):
    assert terms(compound)[:1] == terms(word)


def test_elided_articles_and_stop_words_are_removed():
    assert terms("L’éducateur de l'enfance et des familles") == terms("éducateur enfance familles")


def test_the_end_of_a_sentence_before_a_short_word_is_not_an_appended_ending():
    assert [token.word for token in tokens("Son métier. Elle aime", "fr")] == ["métier", "aime"]
    assert [token.word for token in tokens("rendez-vous public", "fr")] == ["rendez", "public"]


def test_joined_long_words_are_separate_words():
    words = [token.word for token in tokens("technicien d’engins agricoles/technicienne, auto-entrepreneur", "fr")]
    assert words == ["technicien", "engins", "agricoles", "technicienne", "auto", "entrepreneur"]


def test_accents_are_folded_after_stemming():
    assert terms("spécialisée") == terms("spécialisés") == ["specialis"]
    assert fold("ŒUVRE Straße é") == "oeuvre strasse e"


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "social workers", "social worker"),
        ("it", "dell'assistente sociale", "assistenti sociali"),
        ("it", "educatrici", "educatore"),
        ("it", "mediatrici familiari", "mediatore familiare"),
        ("it", "infermiere", "infermieri"),
        ("it", "volontari", "volontario"),
        ("it", "anziani", "anziano"),
        ("fi", "sosiaalityöntekijän", "sosiaalityöntekijä"),
        ("fi", "päiväkodeissa", "päiväkoti"),
        ("fi", "kotihoidon", "kotihoito"),
        ("fi", "vammaisten", "vammainen"),
        ("fi", "vanhuksia", "vanhus"),
        ("de", "Erzieherinnen", "Erzieher"),
        ("es", "educadoras", "educador"),
        ("nl", "opvoeders", "opvoeder"),
        ("pt", "educadoras", "educador"),
    ],
)
def test_inflected_forms_of_each_language_have_one_term(language, one, other):
    assert terms(one, language) == terms(other, language)


def test_tokens_have_the_position_of_the_word():
    text = "À l’assistant·e social·e !"
    assert [text[token.start : token.end] for token in tokens(text, "fr")] == ["assistant·e", "social·e"]


def test_an_overlong_word_is_truncated():
    assert [len(token.word) for token in tokens("x" * 10_000, "en")] == [60]


def test_every_declared_language_splits_words(settings):
    for code in settings.LANGUAGE_DECLARATIONS:
        assert list(tokens("Abcdefgh 123", code))
    assert language_of("pt-br") is language_of("pt")
    with pytest.raises(KeyError):
        language_of("xx")


TEXT = "L’éducatrice, l'infirmier(ère)s… et l’École : « aujourd’hui », K1302. Qu’est-ce ? L’éducatrice !"


@pytest.mark.parametrize("language", ["fr", "en", "fi", "pt-br"])
def test_indexed_texts_and_queries_have_the_same_words(language):
    for _again in range(2):
        assert [token.word for token in tokens_without_positions(TEXT, language)] == [
            token.word for token in tokens(TEXT, language)
        ]
    assert terms(TEXT, language) == [token.term for run in TEXT.split() for token in tokens(run, language)]


def test_cached_tokens_have_the_right_positions():
    words = [TEXT[token.start : token.end].lower() for token in tokens(TEXT, "fr")]
    assert words == [TEXT[token.start : token.end].lower() for token in tokens(TEXT, "fr")]
    assert words[:3] == ["éducatrice", "infirmier(ère)", "école"]
    assert words[-1] == "éducatrice"


def test_matching_tokens_returns_the_requested_terms_only():
    wanted = frozenset(terms("école éducateur"))
    assert matching_tokens(TEXT, "fr", wanted) == [token for token in tokens(TEXT, "fr") if token.term in wanted]
    assert len(matching_tokens(TEXT, "fr", wanted)) == 3
    assert matching_tokens(TEXT, "fr", frozenset(terms("hôpital"))) == []


def test_the_cache_of_runs_is_bounded():
    runs = TokensByRun("fr")
    for number in range(CACHED_RUNS + 10):
        assert runs[f"mot{number}."][0].word == f"mot{number}"
    assert len(runs) <= CACHED_RUNS
    assert len(runs["x" * 100_000]) == 1
    assert "x" * 100_000 not in runs

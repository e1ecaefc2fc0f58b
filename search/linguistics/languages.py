"""The table of languages: what each needs so that a word is found in all its forms.

A new language is a row here. `stemmer` is the Snowball algorithm of the embedded engine, `elasticsearch` the name
that Elasticsearch's stop filter and stemmer know the language by (its reference, "Stemmer token filter").
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Language:
    """Rules of one language.

    `stop_words` names the list of the engines' own, `more_stop_words` adds to it what questions are asked with.
    `asking` are words that say what one wants to know or do: an answer may have them or not.
    `elisions` are articles that stand before an apostrophe. `forms` are endings of professions' feminine forms and
    what stands in their place in the masculine, the longest first: both index as one word. `compound_endings` are
    what writers append to a masculine word after a point, a slash or a bracket to name both ("assistant·e·s").
    `possessive` is Elasticsearch's stemmer of "carer's". `stem_forms` are endings that a stemmer leaves different in
    the forms of one word, and what stands for them ("päiväkod", "päiväkot").
    Only words of `minimum_form` letters or more change their form: "mère" stays what it is.
    """

    code: str
    snowball_stemmer: str
    elasticsearch_stemmer: str
    stop_words: str = ""
    extra_stop_words: frozenset[str] = frozenset()
    question_words: frozenset[str] = frozenset()
    elided_articles: frozenset[str] = frozenset()
    gender_endings: tuple[tuple[str, str], ...] = ()
    compound_endings: frozenset[str] = frozenset()
    minimum_gendered_length: int = 7
    stem_endings: tuple[tuple[str, str], ...] = ()
    possessive_stemmer: str = ""

    @property
    def elasticsearch_stop_words(self) -> str:
        """Name of Elasticsearch's own list of stop words."""
        return f"_{self.stop_words or self.snowball_stemmer}_"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FRENCH = Language(
    "fr",
    "french",
    "light_french",
    stop_words="french",
    extra_stop_words=_words(
        "son sa ses mon ma mes ton ta tes leur leurs notre nos votre vos comment pourquoi quand où quel quelle quels"
        " quelles qui que quoi dont est-ce peut-on faut-il y a-t-il veux voudrais cherche"
    ),
    question_words=_words(
        "devenir travailler faire trouver chercher obtenir avoir être aller savoir connaître besoin peut"
        " pouvoir puis peux dois doit faut aider aide métier métiers profession salaire gagner combien"
        " former étudier études information informations prochain prochaine prochains arrive"
        " plus mieux bien tout tous toute sans quelqu'un personne chose fiche offre offres"
    ),
    elided_articles=_words("l m t qu n s j d c jusqu quoiqu lorsqu puisqu"),
    gender_endings=(
        ("trices", "teur"),
        ("trice", "teur"),
        ("ières", "ier"),
        ("ière", "ier"),
        ("ères", "er"),
        ("ère", "er"),
        ("euses", "eur"),
        ("euse", "eur"),
        ("iennes", "ien"),
        ("ienne", "ien"),
    ),
    compound_endings=_words(
        "e es s x ne nes le les te tes se ses ve ves ère ères ière ières trice trices rice rices euse euses ienne"
        " iennes esse esses enne ennes onne onnes"
    ),
)

ITALIAN = Language(
    "it",
    "italian",
    "light_italian",
    stop_words="italian",
    extra_stop_words=_words("come dove quando chi perché quale quali cosa vorrei posso"),
    question_words=_words(
        "diventare diventa diventano lavorare fare trovare cercare cerco ottenere avere essere sapere"
        " bisogno aiutare aiuta aiuto mestiere professione stipendio guadagnare guadagna quanto"
        " studiare informazioni prossimo prossimi qualcuno persona offerta offerte può possono"
    ),
    elided_articles=_words("c l all dall dell nell sull coll pell gl agl dagl degl negl sugl un m t s v d quell quest"),
    # The stemmer takes "-are", "-ere" and "-ano" for endings of verbs, of the singular only.
    gender_endings=(
        ("trici", "tore"),
        ("trice", "tore"),
        ("ieri", "iere"),
        ("iera", "iere"),
        ("ario", "are"),
        ("aria", "are"),
        ("arie", "are"),
        ("ari", "are"),
        ("ani", "ano"),
        ("ana", "ano"),
        ("ane", "ano"),
    ),
    compound_endings=_words("a e i o trice trici"),
)

LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        FRENCH,
        ITALIAN,
        Language(
            "en",
            "english",
            "light_english",
            stop_words="english",
            extra_stop_words=_words(
                "how what where when who why which can could do does i me my you your want would s"
            ),
            possessive_stemmer="possessive_english",
            question_words=_words(
                "become becoming work working find finding get getting have know need needs help helps"
                " job profession salary earn much many train study studying information next"
                " somebody someone anybody people longer any every looking offer offers"
            ),
        ),
        Language(
            "fi",
            "finnish",
            "finnish",
            stop_words="finnish",
            extra_stop_words=_words("miten missä milloin kuka miksi mikä mitä haluan voinko"),
            question_words=_words(
                "tulla pääsen pääsee päästä työskennellä tehdä löytää löydän etsiä etsin saada saan"
                " tietää tarvitsen auttaa apua ammatti palkka paljonko ansaita opiskella"
                " opiskelemaan tietoa seuraava joku ihminen haluaisin"
            ),
            stem_endings=(
                ("d", "t"),
                *((f"d{vowel}", f"t{vowel}") for vowel in "aeiouyäö"),
                ("ks", "s"),
                ("st", "s"),
                *((f"{vowel}in", f"{vowel}is") for vowel in "aeouyäö"),
            ),
        ),
        Language(
            "de",
            "german",
            "light_german",
            stop_words="german",
            gender_endings=(("erinnen", "er"), ("erin", "er")),
            compound_endings=_words("in innen"),
        ),
        Language(
            "es",
            "spanish",
            "light_spanish",
            stop_words="spanish",
            gender_endings=(("doras", "dor"), ("dora", "dor")),
            compound_endings=_words("a as os"),
        ),
        Language("nl", "dutch", "dutch", stop_words="dutch"),
        Language(
            "pt",
            "portuguese",
            "light_portuguese",
            stop_words="portuguese",
            gender_endings=(("doras", "dor"), ("dora", "dor")),
            compound_endings=_words("a as os"),
        ),
        Language("ar", "arabic", "arabic", stop_words="arabic"),
        Language("ca", "catalan", "catalan", stop_words="catalan", elided_articles=_words("d l m n s t")),
        Language("da", "danish", "danish", stop_words="danish"),
        Language("el", "greek", "greek", stop_words="greek"),
        Language("et", "estonian", "estonian", stop_words="estonian"),
        Language("eu", "basque", "basque", stop_words="basque"),
        Language("ga", "irish", "irish", stop_words="irish", elided_articles=_words("d m b")),
        Language("hu", "hungarian", "light_hungarian", stop_words="hungarian"),
        Language("hy", "armenian", "armenian", stop_words="armenian"),
        Language("lt", "lithuanian", "lithuanian", stop_words="lithuanian"),
        Language("no", "norwegian", "light_norwegian", stop_words="norwegian"),
        Language("ro", "romanian", "romanian", stop_words="romanian"),
        Language("ru", "russian", "light_russian", stop_words="russian"),
        Language("sv", "swedish", "light_swedish", stop_words="swedish"),
        Language("tr", "turkish", "turkish", stop_words="turkish"),
    )
}


def language_codes() -> tuple[str, ...]:
    """Return the languages of the instance, in the order of its settings."""
    return tuple(code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES)


def language_of(code: str) -> Language:
    """Return the rules of a language code (`pt-br`: those of `pt`); raises KeyError for one without rules."""
    return LANGUAGES.get(code) or LANGUAGES[code.partition("-")[0]]

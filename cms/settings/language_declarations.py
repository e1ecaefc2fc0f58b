"""The languages of the instance: one declaration each, which the interface, the public sites and search read.

Keys of a declaration:

- `name`: name of the language in the interface
- `is_interface_language`: True if an account may choose it for the administration; its gettext catalogue is complete
- `snowball_stemmer`: Snowball algorithm of the embedded engine, and of Elasticsearch's second analysis
- `elasticsearch_stemmer`: name in the reference of Elasticsearch's "Stemmer token filter"
- `stop_words`: name of the stop word list that both engines ship, for the languages that have one
- `extra_stop_words`: words that the list lacks, such as those that begin a question
- `question_words`: words that state a wish or an action; a document need not contain them to match a query
- `elided_articles`: articles before an apostrophe, without it
- `gender_endings`: (feminine ending, masculine ending), the longest first; both forms have one index term
- `minimum_gendered_length`: shorter words keep their ending ("mère" remains "mère")
- `compound_endings`: endings that writers append to a masculine word to name both genders ("assistant·e·s")
- `stem_endings`: (ending, replacement) of stems that differ between the forms of one word ("päiväkod", "päiväkot")
- `possessive_stemmer`: Elasticsearch's stemmer of possessive forms ("carer's")

Required are `name`, both stemmers, `question_words`, and one of `stop_words` and `extra_stop_words`. docs/languages.md
explains how to add a language. `manage.py check` names each part that is missing.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The order is that of choices in the interface and of the values of `?locale=`.
LANGUAGE_DECLARATIONS: dict[str, dict[str, Any]] = {
    "fr": {
        "name": _("French"),
        "is_interface_language": True,
        "snowball_stemmer": "french",
        "elasticsearch_stemmer": "light_french",
        "stop_words": "french",
        "extra_stop_words": words(
            "son sa ses mon ma mes ton ta tes leur leurs notre nos votre vos comment pourquoi quand où quel quelle"
            " quels quelles qui que quoi dont est-ce peut-on faut-il y a-t-il veux voudrais cherche"
        ),
        "question_words": words(
            "devenir travailler faire trouver chercher obtenir avoir être aller savoir connaître besoin peut"
            " pouvoir puis peux dois doit faut aider aide métier métiers profession salaire gagner combien"
            " former étudier études information informations prochain prochaine prochains arrive"
            " plus mieux bien tout tous toute sans quelqu'un personne chose fiche offre offres"
        ),
        "elided_articles": words("l m t qu n s j d c jusqu quoiqu lorsqu puisqu"),
        "gender_endings": (
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
        "compound_endings": words(
            "e es s x ne nes le les te tes se ses ve ves ère ères ière ières trice trices rice rices euse euses ienne"
            " iennes esse esses enne ennes onne onnes"
        ),
    },
    "en": {
        "name": _("English"),
        "is_interface_language": True,
        "snowball_stemmer": "english",
        "elasticsearch_stemmer": "light_english",
        "stop_words": "english",
        "extra_stop_words": words("how what where when who why which can could do does i me my you your want would s"),
        "question_words": words(
            "become becoming work working find finding get getting have know need needs help helps"
            " job profession salary earn much many train study studying information next"
            " somebody someone anybody people longer any every looking offer offers"
        ),
        "possessive_stemmer": "possessive_english",
    },
    "it": {
        "name": _("Italian"),
        "is_interface_language": True,
        "snowball_stemmer": "italian",
        "elasticsearch_stemmer": "light_italian",
        "stop_words": "italian",
        "extra_stop_words": words("come dove quando chi perché quale quali cosa vorrei posso"),
        "question_words": words(
            "diventare diventa diventano lavorare fare trovare cercare cerco ottenere avere essere sapere"
            " bisogno aiutare aiuta aiuto mestiere professione stipendio guadagnare guadagna quanto"
            " studiare informazioni prossimo prossimi qualcuno persona offerta offerte può possono"
        ),
        "elided_articles": words(
            "c l all dall dell nell sull coll pell gl agl dagl degl negl sugl un m t s v d quell quest"
        ),
        # The stemmer removes "-are", "-ere" and "-ano" as verb endings, in the singular only.
        "gender_endings": (
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
        "compound_endings": words("a e i o trice trici"),
    },
    "fi": {
        "name": _("Finnish"),
        "is_interface_language": True,
        "snowball_stemmer": "finnish",
        "elasticsearch_stemmer": "finnish",
        "stop_words": "finnish",
        "extra_stop_words": words("miten missä milloin kuka miksi mikä mitä haluan voinko"),
        "question_words": words(
            "tulla pääsen pääsee päästä työskennellä tehdä löytää löydän etsiä etsin saada saan"
            " tietää tarvitsen auttaa apua ammatti palkka paljonko ansaita opiskella"
            " opiskelemaan tietoa seuraava joku ihminen haluaisin"
        ),
        "stem_endings": (
            ("d", "t"),
            *((f"d{vowel}", f"t{vowel}") for vowel in "aeiouyäö"),
            ("ks", "s"),
            ("st", "s"),
            *((f"{vowel}in", f"{vowel}is") for vowel in "aeouyäö"),
        ),
    },
    "de": {
        "name": _("German"),
        "snowball_stemmer": "german",
        "elasticsearch_stemmer": "light_german",
        "stop_words": "german",
        "extra_stop_words": words("wie wo wann wer warum welche welcher welches möchte"),
        "question_words": words(
            "werden arbeiten machen finden suchen suche bekommen haben sein wissen brauche hilfe helfen beruf berufe"
            " gehalt verdienen verdient viel ausbildung studieren information informationen nächste nächsten jemand"
            " angebot angebote"
        ),
        "gender_endings": (("erinnen", "er"), ("erin", "er")),
        "compound_endings": words("in innen"),
    },
    "es": {
        "name": _("Spanish"),
        "snowball_stemmer": "spanish",
        "elasticsearch_stemmer": "light_spanish",
        "stop_words": "spanish",
        "extra_stop_words": words("cómo dónde cuándo quién quiénes qué cuál cuáles quiero quisiera puedo"),
        "question_words": words(
            "convertirse ser trabajar hacer encontrar buscar busco obtener tener saber necesito ayudar ayuda profesión"
            " oficio salario sueldo ganar gana cuánto estudiar información próximo próximos alguien persona oferta"
            " ofertas puede pueden"
        ),
        "gender_endings": (("doras", "dor"), ("dora", "dor")),
        "compound_endings": words("a as os"),
    },
    "nl": {
        "name": _("Dutch"),
        "snowball_stemmer": "dutch",
        "elasticsearch_stemmer": "dutch",
        "stop_words": "dutch",
        "extra_stop_words": words("hoe waar wanneer wie waarom welke wil graag"),
        "question_words": words(
            "worden werken doen vinden zoeken zoek krijgen hebben weten nodig hulp helpen beroep beroepen salaris"
            " verdienen verdient hoeveel opleiding studeren informatie volgende iemand aanbod"
        ),
    },
    "pt": {
        "name": _("Portuguese"),
        "snowball_stemmer": "portuguese",
        "elasticsearch_stemmer": "light_portuguese",
        "stop_words": "portuguese",
        "extra_stop_words": words("como onde quando quem porquê qual quais que quero queria posso"),
        "question_words": words(
            "tornar-se ser trabalhar fazer encontrar procurar procuro obter ter saber preciso ajudar ajuda profissão"
            " ofício salário ganhar ganha quanto estudar informação informações próximo próximos alguém pessoa oferta"
            " ofertas pode podem"
        ),
        "gender_endings": (("doras", "dor"), ("dora", "dor")),
        "compound_endings": words("a as os"),
    },
}

# Fallback languages of a content that does not exist in the requested language, by preference. All others follow.
SEARCH_FALLBACKS = ("en", "fr")

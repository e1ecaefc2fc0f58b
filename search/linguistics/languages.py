"""Rules of analysis by language, from the setting LANGUAGE_DECLARATIONS (cms/settings/language_declarations.py)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings


@dataclass(frozen=True)
class Language:
    """The rules by which both engines analyse one language. `cms.settings.language_declarations` lists the fields."""

    code: str
    snowball_stemmer: str = ""
    elasticsearch_stemmer: str = ""
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
        """Return the name of the stop word list that Elasticsearch ships."""
        return f"_{self.stop_words or 'none'}_"


# Values of `language` of the stemmer token filter of Elasticsearch 9, without those for parts of a language.
ELASTICSEARCH_STEMMERS = frozenset(
    ("arabic", "armenian", "basque", "bengali", "brazilian", "bulgarian", "catalan", "czech", "danish", "dutch",
     "english", "estonian", "finnish", "french", "galician", "german", "greek", "hindi", "hungarian",
     "indonesian", "irish", "italian", "latvian", "light_english", "light_finnish", "light_french",
     "light_german", "light_hungarian", "light_italian", "light_norwegian", "light_nynorsk", "light_portuguese",
     "light_russian", "light_spanish", "light_swedish", "lithuanian", "lovins", "minimal_english",
     "minimal_french", "minimal_galician", "minimal_german", "minimal_norwegian", "minimal_nynorsk",
     "minimal_portuguese", "nepali", "norwegian", "persian", "porter", "porter2", "portuguese",
     "portuguese_rslp", "romanian", "russian", "serbian", "sorani", "spanish", "spanish_plural", "swedish",
     "tamil", "turkish", "yiddish")
)  # fmt: skip

# Parts of a declaration that are not about analysis.
OTHER_KEYS = frozenset(("name", "is_interface_language"))


def language_codes() -> tuple[str, ...]:
    """Return the languages of the instance, in the order of the settings."""
    return tuple(code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES)


def declared_language(code: str) -> Language:
    """Return the rules declared for a code. Raises KeyError if it has none and TypeError for an unknown key."""
    declaration = settings.LANGUAGE_DECLARATIONS[code]
    return Language(code, **{key: value for key, value in declaration.items() if key not in OTHER_KEYS})


@cache
def language_of(code: str) -> Language:
    """Return the rules of a language code; those of `pt` for `pt-br`. Raises KeyError for one without rules."""
    if code in settings.LANGUAGE_DECLARATIONS:
        return declared_language(code)
    base_code = code.partition("-")[0]
    if base_code == code:
        raise KeyError(code)
    return language_of(base_code)

"""System checks of search: `manage.py check` names the parts that the declaration of a language lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import Stemmer
from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.core.checks import Error, register

from .linguistics.languages import ELASTICSEARCH_STEMMERS, Language, declared_language, language_codes
from .linguistics.tokens import has_stop_word_list

DECLARATIONS = "cms/settings/language_declarations.py"


@register("languages")
def check_languages(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Return an error for each part that a language of the instance needs and does not have."""
    errors = []
    for code in language_codes():
        if code not in settings.LANGUAGE_DECLARATIONS and code.partition("-")[0] in settings.LANGUAGE_DECLARATIONS:
            continue  # A regional code uses the rules of its language.
        errors += [
            Error(f"The language “{code}” {reason}.", hint=f"Complete its declaration in {DECLARATIONS}.", id=number)
            for number, reason in _missing_parts(code)
        ]
    errors += [
        Error(f"SEARCH_FALLBACKS names “{code}”, which is not declared.", hint=DECLARATIONS, id="cms_search.E007")
        for code in settings.SEARCH_FALLBACKS
        if code not in settings.LANGUAGE_DECLARATIONS
    ]
    return errors


def _missing_parts(code: str) -> Iterator[tuple[str, str]]:
    """Yield (id of the error, reason) for each missing or wrong part of a declaration."""
    try:
        language = declared_language(code)
    except KeyError:
        yield "cms_search.E001", "is not declared"
        return
    except TypeError as error:
        yield "cms_search.E001", f"has an unknown part: {error}"
        return
    yield from _missing_rules(language)
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        yield "cms_search.E006", "is unknown to Babel, which writes its dates"


def _missing_rules(language: Language) -> Iterator[tuple[str, str]]:
    if not language.snowball_stemmer:
        yield "cms_search.E002", "has no analyser of the embedded engine (snowball_stemmer)"
    elif language.snowball_stemmer not in Stemmer.algorithms():
        yield "cms_search.E002", f"names an unknown Snowball algorithm: {language.snowball_stemmer}"
    elif language.snowball_stemmer not in ELASTICSEARCH_STEMMERS:
        # Elasticsearch analyses the words a second time by this algorithm.
        yield "cms_search.E002", f"names a Snowball algorithm that Elasticsearch lacks: {language.snowball_stemmer}"
    if not language.elasticsearch_stemmer:
        yield "cms_search.E003", "has no analyser of Elasticsearch (elasticsearch_stemmer)"
    elif language.elasticsearch_stemmer not in ELASTICSEARCH_STEMMERS:
        yield "cms_search.E003", f"names an unknown stemmer of Elasticsearch: {language.elasticsearch_stemmer}"
    if language.stop_words and not has_stop_word_list(language.stop_words):
        yield "cms_search.E004", f"names an unknown list of stop words: {language.stop_words}"
    elif not (language.stop_words or language.extra_stop_words):
        yield "cms_search.E004", "has no stop words (stop_words)"
    if not language.question_words:
        yield "cms_search.E005", "has no question words (question_words)"

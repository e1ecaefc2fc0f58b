"""Wagtail and wagtail-localize say “language” in French and Finnish, where their own catalogues say “region”."""

from pathlib import Path

import polib
import pytest
import wagtail
import wagtail_localize
from django.apps import apps
from django.utils import translation

from cms.translations.overrides.library_words import LIBRARY_WORDS

pytestmark = pytest.mark.embedded

WRONG = {"fr": "région", "fi": "maa-asetu"}


def wrong_messages(code):
    """Return the messages of the installed applications of both libraries that have the wrong word in a language."""
    packages = [Path(module.__file__).parent for module in (wagtail, wagtail_localize)]
    for config in apps.get_app_configs():
        catalogue = Path(config.path) / "locale" / code / "LC_MESSAGES" / "django.po"
        if catalogue.exists() and any(catalogue.is_relative_to(package) for package in packages):
            yield from (entry.msgid for entry in polib.pofile(catalogue) if WRONG[code] in entry.msgstr.lower())


@pytest.mark.parametrize("code", WRONG)
def test_no_screen_of_the_libraries_says_region_for_language(code):
    found = set(wrong_messages(code))
    assert found, "the libraries have mended their words: delete ours"
    with translation.override(code):
        assert [text for text in sorted(found) if WRONG[code] in translation.gettext(text).lower()] == []


def test_each_word_is_one_of_a_library():
    assert set(LIBRARY_WORDS) == set(wrong_messages("fr"))

"""The words of the report about an imported file agree with their numbers, in each language of partners."""

import pytest
from django.utils import translation

from cms.translations.editor.file_views import OUTCOMES


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("it", 0, "0 nuovi o confermati, 0 modificati, 0 invariati, 0 rifiutati"),
        ("it", 1, "1 nuovo o confermato, 1 modificato, 1 invariato, 1 rifiutato"),
        ("fi", 1, "1 uusi tai vahvistettu, 1 muutettu, 1 ennallaan, 1 hylätty"),
        ("fr", 1, "1 nouveau ou confirmé, 1 modifié, 1 inchangé, 1 refusé"),
    ],
)
def test_words_agree_with_their_number(language, number, words):
    with translation.override(language):
        assert ", ".join(text % {"number": number} for text in OUTCOMES.values()) == words

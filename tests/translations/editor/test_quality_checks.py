"""The checks of a translation against its original."""

import time

import pytest
from django.utils import translation

from cms.translations.editor import quality_checks
from cms.translations.editor.quality_checks import MAX_LENGTH_TO_CHECK, quality_warnings

GOOD = [
    ("Le prix est de 1 500 € le 3 mai.", "The price is €1,500 on 3 May.", "en"),
    ("Le 03/05/2026, 2,5 heures", "3.5.2026, 2,5 tuntia", "fi"),
    ("2,5 heures et 12 500,75 €", "2.5 hours and €12,500.75", "en"),
    ("Venez !", "Tulkaa!", "fi"),
    ("De 9h30 à 17h", "Dalle 9:30 alle 17", "it"),
    ("Écrire à a@b.fr.", "Scrivere a a@b.fr.", "it"),
    ("« Bonjour »", "«Buongiorno»", "it"),
    ("« Bonjour »", "”Hei”", "fi"),
    ("« Bonjour »", "»Hei»", "fi"),
    ("« Bonjour »", "„Hallo“", "de"),
    ("« Bonjour »", "»Hallo«", "de"),
    ("« Bonjour »", "„Hallo”", "nl"),
    ("“Hello”", "« Bonjour »", "fr"),
    ("De 14 h 30 à 17 h", "Klo 14.30–17", "fi"),
    ("De 9h05 à 17h", "Dalle 9.05 alle 17.00", "it"),
    ("À 9 h 30 : accueil", "Alle 9.30: accoglienza", "it"),
    ("À 9h30: accueil", "At 9.30: welcome", "en"),
    ("De 14:30 à 17:00", "Kello 14.30–17.00", "fi"),
    ("Bonjour…", "Hello...", "en"),
    ("Come here: now!", "Venez ici : maintenant !", "fr"),
    ("Come here!", "Venez ici\u202f!", "fr"),
    ("Isère", "Isère", "it"),
    ("", "", "it"),
    ("Une phrase", "", "it"),
]

FAULTY = [
    ("Le 3 mai", "May", "en", "3"),
    ("En mai", "On 4 May", "en", "4"),
    ("2,5 heures", "25 hours", "en", ": 2,5."),
    ("Il y en a 1 500", "There are 150", "en", ": 1 500."),
    ("Le 03/05/2026", "On 4/5/2026", "en", ": 03."),
    ("Le 3 et le 3 mai", "On 3 May", "en", "3"),
    ("Écrire à a@b.fr", "Write to a@c.fr", "en", "a@b.fr"),
    ("Voir https://a.fr/x.", "See https://a.fr/y.", "en", "https://a.fr/x"),
    ("Une phrase entière ici.", "Une phrase entière ici.", "it", "same"),
    ("Une phrase.", "A sentence", "en", "ends with"),
    ("Une question ?", "A question.", "en", "?"),
    ("Un titre", "A title.", "en", "ends with"),
    ("Un (deux)", "One (two", "en", "equally"),
    ("Un deux", "One  two", "en", "two spaces"),
    ("Une phrase assez longue.", "A sentence " * 20 + ".", "en", "times"),
    ("Venez !", "Come !", "en", "French"),
    ("« Bonjour »", "« Ciao »", "it", "French"),
    ("Come!", "Venez!", "fr", "In French"),
    ("“Come”", "«Venez»", "fr", "In French"),
    ("« Bonjour »", "”Hei", "fi", "equally"),
    ("« Bonjour »", "„Hallo", "de", "equally"),
    ("« Bonjour »", "„Hallo", "nl", "equally"),
    ("« Bonjour »", "«Ciao", "it", "equally"),
    ("De 14 h 30 à 17 h", "Klo 14.20–17", "fi", "30"),
    ("Le 14 à 3,50 €", "Le 14 à 3,60 €", "fr", "3,50"),
    ("À 9 h", "Klo 9.30", "fi", "9"),
]


@pytest.mark.parametrize(("source", "target", "language"), GOOD)
def test_a_good_translation_has_no_warning(source, target, language):
    assert quality_warnings(source, target, language) == []


@pytest.mark.parametrize(("source", "target", "language", "words"), FAULTY)
def test_a_fault_is_named(source, target, language, words):
    with translation.override("en"):
        warnings = quality_warnings(source, target, language)
    assert any(words in warning.text for warning in warnings), warnings


@pytest.mark.parametrize(
    "text", ["a", " ", "1", "a@", "«", "1.111", "a ", "a@b.", "http://", "x@b", "1 ", ".", "(", "…", "a" * 64 + "@"]
)
def test_the_time_grows_with_the_length_only(text, monkeypatch):
    monkeypatch.setattr(quality_checks, "MAX_LENGTH_TO_CHECK", 1_000_000)

    def seconds(length):
        long = text * (length // len(text))
        start = time.process_time()
        quality_warnings(long + "z", long + "y", "fr")
        quality_warnings(long + "z", long + "y", "it")
        return time.process_time() - start

    seconds(1_000)
    short = max(seconds(10_000), 0.001)
    assert seconds(40_000) < 10 * short + 0.05


def test_very_long_texts_are_not_checked():
    assert quality_warnings("1 " + "a" * MAX_LENGTH_TO_CHECK, "b", "en") == []

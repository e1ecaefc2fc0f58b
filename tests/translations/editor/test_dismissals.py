"""A reviewer dismisses warnings that do not apply. They come back when the original or the translation changes."""

import pytest

from cms.translations.editor.saving import DISMISSED, RESTORED
from cms.translations.models import DismissedWarning

pytestmark = pytest.mark.django_db

SUMMARY = "Un repas chaud par jour."
WITHOUT_MARK = "A hot meal a day"
WARNING = "finit"


@pytest.fixture
def warned(editor):
    """A translation that lacks the mark at the end of its original; a reviewer is logged in."""
    editor.log_in("reviewer", "reviewer:en")
    editor.write({SUMMARY: WITHOUT_MARK})
    return editor


def numbers(editor):
    counts = {value: number for value, _label, number in editor.open().context["selections"]}
    return counts["warnings"], counts["dismissed"]


def dismiss(editor, prefix=DISMISSED, check="end"):
    return editor.send({f"{prefix}{editor.segment(SUMMARY).key}-{check}": "1"})


def test_a_dismissed_warning_is_counted_nowhere_and_can_be_restored(warned):
    assert numbers(warned) == (1, 0)
    dismiss(warned)
    assert numbers(warned) == (0, 1)
    row = DismissedWarning.objects.get()
    assert (row.check_name, row.dismissed_by.username) == ("end", "reviewer")
    assert [each.source for each in warned.open(show="dismissed").context["texts"]] == [SUMMARY]
    assert RESTORED + warned.segment(SUMMARY).key in warned.open(show="dismissed").content.decode()
    dismiss(warned, RESTORED)
    assert numbers(warned) == (1, 0)
    assert not DismissedWarning.objects.exists()


def test_it_comes_back_when_the_translation_changes(warned):
    dismiss(warned)
    warned.write({SUMMARY: "A warm meal a day"})
    assert numbers(warned) == (1, 0)
    dismiss(warned)
    assert numbers(warned) == (0, 1)
    warned.write({SUMMARY: WITHOUT_MARK})
    assert numbers(warned) == (1, 0)


def test_it_comes_back_when_the_original_changes(warned, translated):
    dismiss(warned)
    translated.edit(summary="Un repas chaud chaque jour.")
    translated.source.update_from_db()
    assert [each.check for each in warned.segment("Un repas chaud chaque jour.").warnings] == ["end"]


def test_only_the_named_check_of_the_text_is_dismissed(warned):
    warned.write({SUMMARY: "3 hot meals a day"})
    dismiss(warned, check="numbers")
    assert [each.check for each in warned.segment(SUMMARY).warnings] == ["end"]
    for name in ("1-999999-end", "x", "", f"{warned.segment(SUMMARY).key}-pairs"):
        warned.send({DISMISSED + name: "1"})
    assert DismissedWarning.objects.count() == 1


def test_a_translator_dismisses_nothing(warned):
    warned.log_in("translator", "translator:en")
    assert f'name="{DISMISSED}' not in warned.open().content.decode()
    dismiss(warned)
    assert not DismissedWarning.objects.exists()


def test_saving_in_the_background_names_the_checks(warned):
    data = warned.fields({SUMMARY: "A meal a day"})
    answer = warned.send(data, HTTP_ACCEPT="application/json").json()
    (saved,) = answer["saved"].values()
    assert [warning["check"] for warning in saved["warnings"]] == ["end"]

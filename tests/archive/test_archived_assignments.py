"""Assignments of translations in an archive: due dates come back, assignees are named."""

import pytest

from cms.archive.archive_file import ArchiveError
from cms.archive.restore.importer import import_department
from cms.translations.models import TranslationAssignment

from .archives import change_rows
from .fixture_data import NEXT_YEAR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]
FILE = "translations/assignments.ndjson"


def test_import_restores_due_dates_and_names_the_assignees_who_have_no_role_yet(archive):
    change_rows(archive, FILE, lambda rows: rows[0].update(assignee="tea@example.org"))
    imported = import_department(archive)
    stored = TranslationAssignment.objects.get()
    assert (stored.page.slug, stored.locale.language_code) == ("salon", "en")
    assert (stored.assignee, stored.due_on) == (None, NEXT_YEAR.date())
    assert any("tea@example.org had 1 translations" in note for note in imported.notes)


@pytest.mark.parametrize("change", [{"locale": "fr"}, {"page": 999999}, {"due_on": "soon"}])
def test_an_assignment_that_cannot_be_is_refused(archive, change):
    change_rows(archive, FILE, lambda rows: rows[0].update(change))
    with pytest.raises(ArchiveError):
        import_department(archive)
    assert not TranslationAssignment.objects.exists()

"""Odd values in the rows of translations of an archive."""

import pytest
from wagtail_localize.models import SegmentOverride, StringTranslation

from cms.archive.restore.importer import import_department

from .archives import change_file, change_rows, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]
STRINGS, OVERRIDES = "translations/strings.ndjson", "translations/overrides.ndjson"


def test_a_name_that_is_longer_than_its_column_is_nobody(archive):
    change_rows(archive, STRINGS, lambda rows: [row.update(last_translated_by="x" * 200_000) for row in rows])
    change_rows(archive, "revisions.ndjson", lambda rows: [row.update(user="x" * 200_000) for row in rows])
    import_department(archive)
    assert set(StringTranslation.objects.values_list("last_translated_by", flat=True)) == {None}


@pytest.mark.parametrize(
    ("link", "is_kept"),
    [
        ("https://example.org/", True), ("/en/", True), ("#part", False), ("?a=1", False), ("page/", False),
        ("https://example.org/" + "x" * 2_000, False), ("/documents/abcdefghijklmnopqrstu/a.pdf", False),
    ],
)  # fmt: skip
def test_a_link_that_a_page_would_refuse_is_left_out(archive, link, is_kept):
    [row, *_others] = rows_of(archive, STRINGS)
    values = {
        "translation_key": row["translation_key"], "path": "introduction.a", "locale": "en", "refers_to": None,
        "data": link, "last_translated_by": None, "has_error": False, "field_error": "",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    change_file(archive, OVERRIDES, b"")
    change_rows(archive, OVERRIDES, lambda rows: rows.append(values))
    imported = import_department(archive)
    assert SegmentOverride.objects.exists() == is_kept
    assert any(link[:20] in note or "2000" in note.replace(",", "") for note in imported.notes) != is_kept

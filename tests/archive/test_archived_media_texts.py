"""The translated texts of media in an archive."""

import pytest

from cms.archive.archive_file import ArchiveError
from cms.archive.restore.importer import import_department
from cms.translations.models import MediaText

from .archives import change_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]
FILE = "media/texts.ndjson"


def test_import_restores_the_texts_with_their_media(archive):
    import_department(archive)
    text = MediaText.objects.get()
    assert (text.image.title, text.locale.language_code, text.field, text.state) == (
        "Portrait", "en", "description", "waiting",
    )  # fmt: skip
    assert (text.source_text, text.text, text.public_text) == ("Une rue", "A street", "A road")
    assert text.author is not None


def test_an_archive_of_an_older_version_has_no_texts(archive):
    change_rows(archive, FILE, lambda rows: rows.clear())
    import_department(archive)
    assert not MediaText.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"locale": "it"}, {"image": 999999}, {"image": None}, {"text": "a\u0001b"}, {"text": ""}, {"field": "credit"}],
)
def test_a_text_that_cannot_be_is_refused(archive, change):
    change_rows(archive, FILE, lambda rows: rows[0].update(change))
    with pytest.raises(ArchiveError):
        import_department(archive)
    assert not MediaText.objects.exists()

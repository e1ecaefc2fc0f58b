"""An archive of an older version, with content beyond limits that are newer, is restored with notes."""

import pytest
from wagtail.models import Page
from wagtail_localize.models import StringSegment, StringTranslation

from cms.archive.archive_file import ArchiveError
from cms.archive.restore.importer import import_department
from cms.delivery.models import PublishedDocument
from cms.media.models import Consent, CustomImage
from cms.pages.models import EventPage, Organisation
from cms.pages.models import base as page_base
from cms.translations.progress import update_failures
from sites.validation.overrides.tag_fields import MAX_TAGS

from .archives import change_rows, change_settings, rows_of


def change_event(archive, **values):
    def change(rows):
        (row,) = [row for row in rows if row["slug"] == "salon"]
        row.update(values)

    change_rows(archive, "pages.ndjson", change)


def test_texts_of_other_objects_are_shortened(archive):
    """A description of more than 5,000 letters refused the whole department."""
    for name, column in (("snippets/organisations", "description"), ("consents", "scope_note")):
        change_rows(archive, f"{name}.ndjson", lambda rows, column=column: rows[0].update({column: "é" * 6_000}))
    change_settings(archive, contact_address="é" * 2_000)
    imported = import_department(archive)
    assert Organisation.objects.get(name="Partenaire").description == "é" * 5_000
    assert Consent.objects.get().scope_note == "é" * 5_000
    imported.department.refresh_from_db()
    assert imported.department.contact_address == "é" * 1_000
    cut = [note for note in imported.notes if "was cut to" in note]
    assert len(cut) == 3
    assert any("“Partenaire”: “description” was cut to 5000 characters." in note for note in cut)


def test_a_file_keeps_as_many_tags_as_its_form_takes(archive):
    tags = [f"étiquette {number:02}" for number in range(MAX_TAGS + 10)]
    change_rows(archive, "media/images.ndjson", lambda rows: rows[0].update(tags=tags))
    imported = import_department(archive)
    (image,) = CustomImage.objects.filter(tags__name=tags[0])
    assert sorted(image.tags.names()) == tags[:MAX_TAGS]
    assert any(f"has only the first {MAX_TAGS} of its tags" in note for note in imported.notes)


@pytest.mark.parametrize("limit", ["MAX_TEXTS", "MAX_CHARACTERS"])
def test_translations_that_are_too_long_stay_as_they_are(archive, monkeypatch, limit):
    monkeypatch.setattr(update_failures, limit, 1)
    imported = import_department(archive)
    assert any("divide it into several pages" in note for note in imported.notes)
    assert not StringSegment.objects.exists()
    assert set(StringTranslation.objects.values_list("data", flat=True)) == {"fair"}
    assert Page.objects.get(slug="fair").live is False


def test_live_pages_that_are_too_long_stay_public(archive, monkeypatch):
    monkeypatch.setattr(page_base, "MAX_CHARACTERS", 6_000)
    change_event(archive, introduction="<p>" + "long " * 2_000 + "</p>")
    imported = import_department(archive)
    assert any("“Salon” exceeds a limit" in note and "divide it" in note for note in imported.notes)
    assert Page.objects.get(slug="salon").live
    assert PublishedDocument.objects.get(title="Salon", locale="fr").body


def add_organisers(archive, value):
    """Give the event of the archive two organisers whose organisation is that of the archive, with these values."""
    (organisation,) = [row["id"] for row in rows_of(archive, "snippets/organisations.ndjson")]
    organiser = {"type": "organiser", "value": {"organisation": organisation, "contacts": [], **value}}
    change_event(archive, organisers=[organiser, organiser])


def test_lists_that_are_too_long_are_kept(archive, monkeypatch):
    add_organisers(archive, {})
    monkeypatch.setattr(EventPage._meta.get_field("organisers").stream_block.meta, "max_num", 1, raising=False)
    imported = import_department(archive)
    assert any("“Salon” exceeds a limit" in note and "organisers" in note for note in imported.notes)
    assert len(EventPage.objects.get(slug="salon").organisers) == 2


def test_other_errors_of_a_list_that_is_too_long_refuse_the_archive(archive, monkeypatch):
    add_organisers(archive, {"role": "r" * 1_000})
    monkeypatch.setattr(EventPage._meta.get_field("organisers").stream_block.meta, "max_num", 1, raising=False)
    with pytest.raises(ArchiveError, match="organisers"):
        import_department(archive)

"""Own copies of other departments' content in archives: they know their origin again, or are pages of their own."""

import pytest
from django.core.exceptions import ValidationError

from cms.archive.archive_file import ArchiveError
from cms.archive.restore.importer import import_department
from cms.copies.copying import latest_copy_revision, origin_changes, published_origin, take_copy
from cms.copies.media_copies import get_or_create_copy
from cms.delivery.models import PublishedDocument
from cms.delivery.publisher import process_refresh_requests
from cms.pages.models import CopiedMedium, CopyOrigin, ProfessionPage, StandardPage
from sites.models import Department, Sharing
from sites.sharing.transitions import withdraw
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.sharing import copy, offer

from .archives import change_manifest, change_rows, export, retire, rows_of, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]


@pytest.fixture
def isere(no_files):
    return make_department("isere", code="38")


@pytest.fixture
def origin(isere):
    """A published profession of Isère, with an image and a link to a document."""
    document = DocumentFactory(title="Fiche", collection=isere.collection)
    return make_page(
        ProfessionPage,
        isere,
        title="Éducatrice",
        slug="educatrice",
        summary="Un métier.",
        image=ImageFactory(collection=isere.collection, title="Atelier"),
        missions=f'<p><a linktype="document" id="{document.pk}">Fiche</a></p>',
        rome_code="K1207",
    )


def taken_by_allier(origin, take=copy):
    """Have Allier take a copy and publish it with a summary of its own; return Allier and the copy."""
    allier = make_department("allier", code="03")
    page = take(origin, allier)
    page.summary = "Un métier d’ici."
    page.save_revision().publish()
    process_refresh_requests()
    return allier, page


@pytest.fixture
def archive(origin, tmp_path):
    """The archive of Allier with a copy; Allier is not on the instance any more, the origin is."""
    with undone():
        allier, _page = taken_by_allier(origin)
        return export(allier, tmp_path / "allier")


def the_copy():
    row = CopyOrigin.objects.select_related("sharing__department").get()
    return row, latest_copy_revision(row, Department.objects.get(code="03"))


def changed():
    row, page = the_copy()
    return {
        each.field.name: each.is_changed_in_copy for each in origin_changes(row, published_origin(row.sharing), page)
    }


def test_archive_contains_the_origin_of_a_copy(archive, origin):
    row = rows_of(archive, "copies.ndjson")[0]
    page = next(each for each in rows_of(archive, "pages.ndjson") if each["type"] == "pages.professionpage")
    assert row["content_key"] == page["translation_key"]
    assert (row["origin_key"], row["owner"], row["owner_slug"]) == (str(origin.translation_key), "38", "isere")
    assert (row["in_force"], row["base"]["summary"], row["taken"]["summary"]) == (True, "Un métier.", "Un métier.")
    assert {row["content_type"] for row in rows_of(archive, "media/copied.ndjson")} == {
        "cms_media.customimage",
        "cms_media.customdocument",
    }
    outside = {(row["kind"], row["id"]): row["department"] for row in rows_of(archive, "outside.ndjson")}
    assert outside[("cms_media.customimage", origin.image_id)] == "38"


def test_import_restores_a_copy(archive, origin):
    imported = import_department(archive)
    assert imported.notes == imported.differing == []
    row, page = the_copy()
    assert (row.origin_key, row.sharing.owner.code, row.is_in_force) == (origin.translation_key, "38", True)
    assert row.merged_at.isoformat() == rows_of(archive, "copies.ndjson")[0]["merged_at"]
    document = PublishedDocument.objects.get(content_id=page.translation_key)
    assert document.data["origin"]["department"] == "isere"
    assert document.data["origin"]["title"] == "Éducatrice"


def test_next_merge_shows_only_later_changes(archive, origin):
    import_department(archive)
    assert changed() == {}
    origin.title, origin.summary = "Éducateur", "Un beau métier."
    origin.save_revision().publish()
    assert changed() == {"title": False, "summary": True}


def test_copied_medium_is_not_copied_again(archive, origin):
    department = import_department(archive).department
    _row, page = the_copy()
    assert get_or_create_copy(origin.image, department).pk == page.image_id
    assert CopiedMedium.objects.filter(department=department).count() == 2


def test_origin_references_are_matched_on_another_instance(tmp_path):
    with undone():
        isere = make_department("isere", code="38")
        image = ImageFactory(collection=isere.collection)
        image.get_file_hash()
        video = VideoFactory(collection=isere.collection)
        organisation = OrganisationFactory(name="Partenaire")
        page = make_page(StandardPage, isere, image=image, body=[("organisation", organisation)])
        allier, _page = taken_by_allier(page, lambda page, department: take_copy(offer(page, department)))
        get_or_create_copy(video, allier)
        owner, path = export(isere, tmp_path / "isere"), export(allier, tmp_path / "allier")
    # Another instance: other numbers, another key.
    ImageFactory()
    ImageFactory()
    OrganisationFactory()
    for folder in (owner, path):
        change_manifest(folder, lambda manifest: manifest.update(signature="elsewhere"), sign=False)
    import_department(owner, trust=True)
    assert not any("a copy of" in note for note in import_department(path, trust=True).notes)
    assert changed() == {}
    row, _page = the_copy()
    assert row.base["image"] == published_origin(row.sharing).image_id != image.pk
    # A video without a hash cannot be recognised. It is copied again when it is needed.
    assert set(CopiedMedium.objects.values_list("content_type__model", flat=True)) == {"customimage"}


def test_copy_without_owner_becomes_an_own_page_with_a_note(tmp_path):
    with undone():
        page = make_page(ProfessionPage, make_department("isere", code="38"), title="Éducatrice", rome_code="K1207")
        path = export(taken_by_allier(page)[0], tmp_path / "allier")
    imported = import_department(path)
    assert any("“Éducatrice” is a copy" in note and "department 38" in note for note in imported.notes)
    assert not CopyOrigin.objects.exists()
    document = PublishedDocument.objects.public().get(type="profession")
    assert document.data["origin"] is None
    ProfessionPage.objects.get().full_clean()


def test_untrusted_archive_restores_no_copy_origin(archive):
    change_manifest(archive, lambda manifest: manifest.update(signature="made up"), sign=False)
    imported = import_department(archive)
    assert any("“Éducatrice” is a copy" in note for note in imported.notes)
    assert not CopyOrigin.objects.exists()
    assert not CopiedMedium.objects.exists()


@pytest.mark.parametrize("is_owner_here", [True, False])
def test_copy_of_a_withdrawn_offer_stays_offline(origin, tmp_path, is_owner_here):
    with undone():
        allier, _page = taken_by_allier(origin)
        withdraw(Sharing.objects.get())
        path = export(allier, tmp_path / "allier")
    if not is_owner_here:
        change_rows(path, "sharings.ndjson", lambda rows: rows[0].update(owner="26"))
    import_department(path)
    row, page = the_copy()
    assert (row.sharing is not None, row.is_in_force, page.live) == (is_owner_here, False, False)
    page.enforces_publication_rules = True
    with pytest.raises(ValidationError, match="origin of this copy was withdrawn"):
        page.full_clean()


def test_origin_of_a_missing_page_is_refused(archive):
    def forge(rows):
        rows[0]["content_key"] = rows[0]["origin_key"]

    change_rows(archive, "copies.ndjson", forge)
    with pytest.raises(ArchiveError, match="does not hold the copy itself"):
        import_department(archive)


def test_restored_owner_is_linked_to_the_copies(origin, tmp_path):
    taken_by_allier(origin)
    retire("38", "--grace-days", 0, "--archive-folder", tmp_path)
    row, page = the_copy()
    assert (row.sharing, page.live) == (None, False)
    import_department(tmp_path / "38.zip")
    row, _page = the_copy()
    assert (row.sharing.owner.code, row.is_in_force) == ("38", True)

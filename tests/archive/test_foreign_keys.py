"""Archives whose rows have the translation keys of content that another department owns."""

import pytest
from django.utils import timezone
from wagtail.models import Collection, Page, Revision
from wagtail_localize.models import Translation, TranslationSource

from cms.archive.archive_file import ArchiveError
from cms.archive.restore import permissions_and_workflows
from cms.archive.restore.importer import import_department
from cms.delivery.models import PublishedDocument
from cms.delivery.publisher import process_refresh_requests
from cms.media.models import CustomImage
from cms.pages.models import Organisation, StandardPage
from cms.translations.models import MediaText
from sites.mail.models import OutgoingMessage
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.users import make_user

from .archives import change_manifest, change_rows, export, rows_of, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]


@pytest.fixture
def drome():
    return make_department("drome", code="26", locales=("fr", "en"))


def unsign(archive):
    change_manifest(archive, lambda manifest: manifest.update(signature="made up"), sign=False)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("slug", ["fair", "en"])
def test_a_page_is_not_another_language_of_a_foreign_page(archive, drome, commits, slug, signed):
    with commits():
        page = make_page(StandardPage, drome)
    TranslationSource.update_or_create_from_instance(page)
    key = str(page.translation_key)

    def take_key(rows):
        next(row for row in rows if row["locale"] == "en" and row["slug"] == slug)["translation_key"] = key

    change_rows(archive, "pages.ndjson", take_key)
    if not signed:
        unsign(archive)
    with pytest.raises(ArchiveError, match=key):
        import_department(archive)
    assert Page.objects.get(translation_key=key) == page.page_ptr


@pytest.mark.parametrize("is_snippet", [True, False])
def test_a_snippet_and_a_page_have_no_key_in_common(archive, drome, is_snippet):
    foreign = OrganisationFactory(owner=drome) if is_snippet else make_page(StandardPage, drome)
    name = "pages.ndjson" if is_snippet else "snippets/organisations.ndjson"
    key = str(foreign.translation_key)
    change_rows(archive, name, lambda rows: rows[-1].update(translation_key=key))
    with pytest.raises(ArchiveError, match=key):
        import_department(archive)


def test_a_document_of_another_department_is_not_taken(archive, drome, commits):
    with commits():
        page = make_page(StandardPage, drome)
    key = str(page.translation_key)
    change_rows(archive, "documents.ndjson", lambda rows: rows[0].update(content_id=key, locale="en"))
    with pytest.raises(ArchiveError, match=key):
        import_department(archive)
    document = PublishedDocument.objects.get(content_id=key)
    PublishedDocument.objects.filter(pk=document.pk).update(
        department=None, former_department="drome", is_withdrawn=True
    )
    page.delete()
    unsign(archive)
    with pytest.raises(ArchiveError, match=key):
        import_department(archive)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("owned", [True, False])
def test_a_foreign_snippet_gets_no_language_from_an_archive(archive, drome, owned, signed):
    organisation = OrganisationFactory(name="Partenaire", owner=drome if owned else None)
    key = str(organisation.translation_key)
    [own] = rows_of(archive, "snippets/organisations.ndjson")
    more = own | {"id": 999, "translation_key": key, "locale": "en", "name": "Other", "logo": None}
    change_rows(archive, "snippets/organisations.ndjson", lambda rows: rows.append(more))

    def show(rows):
        next(row for row in rows if row["slug"] == "camille")["employer"] = 999

    change_rows(archive, "pages.ndjson", show)
    if not signed:
        unsign(archive)
    imported = import_department(archive)
    names = set(Organisation.objects.filter(translation_key=key).values_list("name", flat=True))
    if signed and not owned:
        assert names == {"Partenaire", "Other"}
    else:
        assert names == {"Partenaire"}
        assert any("Partenaire" in note for note in imported.notes)
        assert Page.objects.get(slug="camille").specific.employer == organisation


@pytest.mark.parametrize("signed", [True, False])
def test_shared_media_keep_their_texts_and_renditions(tmp_path, signed):
    image = ImageFactory(title="Commune", description="Une rue", collection=Collection.get_first_root_node())
    image.get_file_hash()
    with undone():
        department = make_department("allier", code="03", locales=("fr", "en"))
        own = ImageFactory(title="Commune", collection=department.collection, description="Une rue")
        english = department.locales.get(language_code="en")
        MediaText.objects.create(
            image=own, locale=english, field="description", source_text="Une rue", text="HARM", public_text="HARM",
            state="reviewed", updated_at=timezone.now(),
        )  # fmt: skip
        make_page(StandardPage, department, image=own)
        process_refresh_requests()
        archive = export(department, tmp_path / "allier")
    values = {"shared": True, "file_hash": image.file_hash}
    change_rows(archive, "media/images.ndjson", lambda rows: rows[0].update(values))
    change_rows(archive, "media/renditions.ndjson", lambda rows: rows[0].update(filter_spec="width-7"))
    if not signed:
        unsign(archive)
    import_department(archive)
    assert MediaText.objects.filter(image=image).exists() == signed
    assert image.renditions.filter(filter_spec="width-7").exists() == signed
    assert CustomImage.objects.get() == image


@pytest.mark.parametrize("locale", ["fr", "it"])
def test_a_page_is_not_translated_into_its_own_language_or_one_that_its_department_lacks(archive, locale):
    make_department("drome", code="26", locales=("fr", "it"))
    name = "translations/translations.ndjson"
    change_rows(archive, name, lambda rows: [row.update(target_locale=locale) for row in rows])
    imported = import_department(archive)
    assert not Translation.objects.exists()
    assert any(f"“{locale}”" in note for note in imported.notes)


@pytest.mark.parametrize("signed", [True, False])
def test_an_archive_does_not_say_which_accounts_exist(archive, signed):
    stranger = make_user("stranger")
    change_rows(archive, "revisions.ndjson", lambda rows: [row.update(user=stranger.email.upper()) for row in rows])
    change_rows(archive, "pages.ndjson", lambda rows: rows[-1].update(owner=stranger.email))
    if not signed:
        unsign(archive)
    import_department(archive)
    assert Page.objects.filter(owner=stranger).exists() == signed
    assert Revision.objects.filter(user=stranger).exists() == signed


def test_an_archive_invites_a_limited_number_of_people(archive, monkeypatch):
    monkeypatch.setattr(permissions_and_workflows, "MAX_ACCOUNTS", 2)
    row = rows_of(archive, "accounts.ndjson")[0]
    more = [row | {"id": 900 + number, "email": f"p{number}@example.org"} for number in range(2)]
    change_rows(archive, "accounts.ndjson", lambda rows: rows.extend(more))
    with pytest.raises(ArchiveError, match="more than 2 accounts"):
        import_department(archive)
    assert not OutgoingMessage.objects.exists()

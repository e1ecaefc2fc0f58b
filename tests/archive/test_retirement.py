"""Tests of `retire_department`: suspension, grace period, deletion and signed report."""

import datetime
import json
from io import StringIO

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, Page, ReferenceIndex, Site, Workflow

from cms.archive.archive_file import ArchiveReader, sha256_of
from cms.archive.department_deletion import delete_department_rows
from cms.archive.restore.importer import import_department
from cms.archive.retirement import RetirementFiles
from cms.delivery.change_feed import changes
from cms.delivery.models import FeedCounter, Placement, PublishedDocument, RefreshRequest
from cms.delivery.publisher import process_refresh_requests
from cms.media.models import CustomImage
from cms.pages.models import EventPage, Organisation, StandardPage
from sites.access.capabilities import has_capability
from sites.lifecycle.provisioning import create_department
from sites.models import Department, Sharing
from sites.roles import Capability
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.pages import OrganisationFactory, home_of, make_page
from tests.factories.sharing import hold_together
from tests.factories.users import PASSWORD, make_user
from tests.stored_files import stored_files

from .archives import retire
from .fixture_data import furnish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]

# Tables in which rows of all departments are mixed, or that are a copy made from others.
NOT_COMPARED = {
    "wagtailsearch.IndexEntry",
    "delivery.RefreshRequest",
    "delivery.FeedCounter",
    "wagtailsearch.SQLiteFTSIndexEntry",
}


@pytest.fixture
def allier(no_files):
    department = make_department("allier", code="03")
    furnish(department)
    return department


def every_row():
    """Every row of every table, by table and key."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in NOT_COMPARED or not model._meta.managed:
            continue
        columns = [field.attname for field in model._meta.concrete_fields]
        for values in model._default_manager.values_list("pk", *columns):
            rows[(model._meta.label, values[0])] = values[1:]
    return rows


def test_suspended_department_is_public_and_not_editable(allier, client):
    publisher = make_user("publication", groups=["allier:publisher", "allier:administrator"])
    page = home_of(allier)
    assert "suspended" in retire("03")
    client.force_login(get_user_model().objects.get(pk=publisher.pk))
    home = client.get(reverse("wagtailadmin_home"))
    assert home.status_code == 200
    assert "Allier (03) est suspendu" in home.content.decode()
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 404
    assert client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk])).status_code == 404
    assert not page.permissions_for_user(publisher).can_edit()
    assert not has_capability(get_user_model().objects.get(pk=publisher.pk), Capability.ACCOUNTS)
    assert client.get("/api/v1/departments/allier/").status_code == 200
    assert client.get("/fr/", headers={"host": "allier.example.test"}).status_code == 200


def test_member_of_two_departments_can_edit_the_active_one(allier, client):
    drome = make_department("drome", code="26")
    user = make_user("deux", groups=["allier:publisher", "drome:publisher"])
    retire("03")
    client.force_login(user)
    assert client.get(reverse("wagtailadmin_pages:edit", args=[home_of(allier).pk])).status_code == 404
    assert client.get(reverse("wagtailadmin_pages:edit", args=[home_of(drome).pk])).status_code == 200


def test_cancel_restores_all_permissions(allier, client):
    def rights():
        return {
            (each.group.name, each.permission.codename)
            for group in Group.objects.filter(department_group__department=allier)
            for each in [*group.page_permissions.all(), *group.collection_permissions.all()]
        }

    before = rights()
    retire("03")
    assert rights() == set()
    create_department(
        code="03", name="Allier", slug="allier", hostname="allier.example.test", locales=["fr", "en"], source="fr"
    )
    assert rights() == set()  # Provisioning does not reactivate.
    assert "reactivated" in retire("03", "--cancel")
    assert rights() == before
    allier.refresh_from_db()
    assert (allier.suspended_at, allier.retires_on) == (None, None)


def test_deletion_needs_the_end_of_the_grace_period_and_a_folder(allier, tmp_path):
    retire("03", "--grace-days", 30)
    suspended_at = Department.objects.get().suspended_at
    assert "Run this again" in retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    assert Department.objects.get().suspended_at == suspended_at
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31), tick=False):
        with pytest.raises(CommandError, match="--archive-folder"):
            retire("03", "--accept-clock")  # PostgreSQL's clock does not travel.
        assert Department.objects.exists()
        retire("03", "--accept-clock", "--archive-folder", tmp_path)
    assert not Department.objects.exists()


def test_retirement_deletes_all_rows_and_no_row_of_others(allier, tmp_path, django_capture_on_commit_callbacks):
    make_user("partie", groups=["allier:editor"])
    other = make_department("drome", code="26")
    kept = make_user("reste", groups=["allier:editor", "drome:editor"])
    shared = OrganisationFactory(name="De tous")
    used = OrganisationFactory(name="Nommée ailleurs", owner=allier)
    image = ImageFactory(collection=other.collection)
    make_page(StandardPage, other, title="À côté", image=image, body=[("organisation", shared), ("organisation", used)])
    process_refresh_requests()
    before_allier = set(Page.objects.filter(path__startswith=allier.container.path).values_list("pk", flat=True))
    before = every_row()
    with django_capture_on_commit_callbacks(execute=True):
        retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    process_refresh_requests()
    after = every_row()

    # Nothing of the department is left but tombstones.
    assert not Department.objects.filter(code="03").exists()
    assert not Page.objects.filter(pk__in=before_allier).exists()
    assert not Site.objects.filter(hostname="allier.example.test").exists()
    assert not Group.objects.filter(name__startswith="allier:").exists()
    assert not Collection.objects.filter(name__in=["Allier", "Portraits"]).exists()
    assert not Workflow.objects.filter(name="Relecture").exists()
    assert list(CustomImage.objects.all()) == [image]
    gone = [key for key in before if key not in after]
    texts = {"wagtail_localize.String", "wagtail_localize.Template", "taggit.Tag"}
    assert texts & {label for label, _pk in gone}
    assert not {key for key in after if key[0] in {"wagtail_localize.String", "taggit.Tag"}}
    originals = [path.name for path in stored_files() if "original_images" in path.parts]
    assert originals == [image.file.name.rpartition("/")[2]]
    private = storages["private"]
    folders, files = private.listdir("consents")
    assert not files
    assert not any(any(private.listdir(f"consents/{folder}")) for folder in folders)

    # Rows of others are unchanged, except those that refer to both departments.
    changed = {key: (before[key], after[key]) for key in before if key in after and before[key] != after[key]}
    labels = {label for label, _pk in changed}
    assert labels <= {
        "users.User",
        "pages.Organisation",
        "delivery.PublishedDocument",
        "wagtailcore.Page",
        "wagtailcore.Collection",
        "cms_search.CacheVersion",
    }
    assert {pk for label, pk in changed if label == "wagtailcore.Page"} <= {Page.get_first_root_node().pk}
    used.refresh_from_db()
    assert used.owner is None
    assert Organisation.objects.filter(name="Partenaire").count() == 0
    people = dict(get_user_model().objects.values_list("username", "is_active"))
    assert people == {"auteure": False, "partie": False, "reste": True}
    assert {group.name for group in kept.groups.all()} == {"drome:editor"}
    assert {label for label, pk in after if (label, pk) not in before} <= {
        "wagtail_localize.TranslationLog",
        "cms_sites.AuditLogEntry",
    }
    assert Page.find_problems() == ([], [], [], [], [])
    assert not ReferenceIndex.objects.filter(
        object_id__in=[str(pk) for pk in before_allier], base_content_type__model="page"
    ).exists()


def test_change_feed_contains_tombstones_of_the_department(allier, tmp_path, client):
    process_refresh_requests()
    cursor = FeedCounter.objects.get().last
    contents = set(PublishedDocument.objects.values_list("content_id", "locale"))
    assert contents
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    news = changes(after=cursor)
    assert {(document.content_id, document.locale) for document in news if document.is_withdrawn} >= contents
    assert {(document.department, document.department_slug) for document in news} == {(None, "allier")}
    assert client.get("/api/v1/contents/").json()["count"] == 0
    assert client.get("/api/v1/departments/allier/").status_code == 404
    assert not RefreshRequest.objects.exists()


def test_co_held_content_of_others_stays_public(tmp_path, client):
    allier, drome = make_department("allier", code="03"), make_department("drome", code="26")
    theirs = make_page(EventPage, drome, title="Festival", slug="festival")
    ours = make_page(EventPage, allier, title="Salon", slug="salon")
    hold_together(theirs, allier)
    hold_together(ours, drome)
    process_refresh_requests()
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    document = PublishedDocument.objects.public().get(content_id=theirs.translation_key)
    assert document.data["departments"] == ["drome"]
    assert list(Placement.objects.filter(document=document).values_list("department", flat=True)) == [drome.pk]
    assert client.get(f"/api/v1/contents/{ours.translation_key}/").status_code == 404
    assert not Sharing.objects.exists()


def test_report_is_signed_and_complete(allier, tmp_path):
    process_refresh_requests()
    pages = Page.objects.filter(path__startswith=allier.container.path).count() - 1
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    files = RetirementFiles(tmp_path, "03")
    report = json.loads(retire("--verify-report", files.report))
    assert report["department"] == {"code": "03", "name": "Allier", "slug": "allier"}
    assert report["removed"]["pages"] == pages
    assert report["removed"]["customimage"] == 1
    assert report["archive"]["sha256"] == sha256_of(files.archive)
    assert report["suspended_at"] < report["archive"]["exported_at"] < report["removed_at"]
    assert report["run_by"]
    files.report.write_text(files.report.read_text().replace('"pages": ', '"pages": 1'))
    with pytest.raises(CommandError, match="was changed"):
        retire("--verify-report", files.report)
    with pytest.raises(CommandError, match="no report"):
        retire("--verify-report", tmp_path / "other.json")


def test_run_after_the_report_changes_nothing(allier, tmp_path):
    first = retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    before = every_row()
    assert retire("03", "--archive-folder", tmp_path).splitlines()[-3:] == first.splitlines()[-3:]
    assert every_row() == before
    with pytest.raises(CommandError, match="no department “99”"):
        retire("99", "--archive-folder", tmp_path)


def test_run_after_a_crash_deletes_the_remaining_files(allier, tmp_path, monkeypatch):
    def crash(*arguments):
        raise OSError("power cut")

    monkeypatch.setattr("cms.archive.retirement.finish_retirement", crash)
    with pytest.raises(OSError, match="power cut"):
        retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    assert not Department.objects.exists()
    assert stored_files()
    monkeypatch.undo()
    retire("03", "--archive-folder", tmp_path)
    assert not stored_files()
    assert json.loads(retire("--verify-report", tmp_path / "03.report.json"))["files"] > 3


def test_crash_before_the_commit_changes_nothing(allier, tmp_path, monkeypatch):
    def crash(*arguments):
        raise OSError("disk full")

    before, files = PublishedDocument.objects.count(), stored_files()
    monkeypatch.setattr("cms.archive.retirement.write_json_file", crash)
    with pytest.raises(OSError, match="disk full"):
        retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    assert Department.objects.get().suspended_at
    assert (PublishedDocument.objects.filter(department__code="03").count(), stored_files()) == (before, files)
    monkeypatch.undo()
    retire("03", "--archive-folder", tmp_path)
    assert not Department.objects.exists()


def of_another(path, tmp_path):
    call_command("export_department", "26", output=path, verbosity=0, stdout=StringIO())


def before_the_suspension(path, tmp_path):
    with time_machine.travel(timezone.now() - datetime.timedelta(days=1)):
        call_command("export_department", "03", output=path, verbosity=0, stdout=StringIO())


def before_a_change(path, tmp_path):
    call_command("export_department", "03", output=path, verbosity=0, stdout=StringIO())
    page = StandardPage.objects.get(slug="en-ligne")
    page.title = "Encore corrigé"
    page.save_revision()


def cut_short(path, tmp_path):
    call_command("export_department", "03", output=path, verbosity=0, stdout=StringIO())
    path.write_bytes(path.read_bytes()[:-2000])


BAD_ARCHIVES = {
    "of another department": (of_another, "department 26"),
    "older than the suspension": (before_the_suspension, "older than the suspension"),
    "older than a change": (before_a_change, "revisions.ndjson"),
    "cut short": (cut_short, "not an archive"),
}


@pytest.mark.parametrize("case", BAD_ARCHIVES)
def test_deletion_is_refused_for_an_invalid_archive(allier, tmp_path, case):
    make, named = BAD_ARCHIVES[case]
    make_department("drome", code="26")
    Department.objects.filter(code="03").update(suspended_at=timezone.now(), retires_on=timezone.localdate())
    make(tmp_path / "03.zip", tmp_path)
    with pytest.raises(CommandError, match=named):
        retire("03", "--archive-folder", tmp_path)
    assert Department.objects.filter(code="03").exists()


def archived(path):
    with ArchiveReader(path) as reader:
        reader.verify()
        return list(reader.read_rows("documents.ndjson"))


def test_retired_department_can_be_restored(allier, tmp_path):
    process_refresh_requests()
    before = list(PublishedDocument.objects.public().order_by("pk").values_list("pk", "content_id", "locale", "etag"))
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    bodies = {row["path"]: row["document"] for row in archived(tmp_path / "03.zip")}
    imported = import_department(tmp_path / "03.zip")
    for document in PublishedDocument.objects.public():
        assert document.data == bodies[document.path]
    assert imported.differing == []
    after = list(PublishedDocument.objects.public().order_by("pk").values_list("pk", "content_id", "locale", "etag"))
    assert after == before
    assert {document.department for document in PublishedDocument.objects.all()} == {imported.department}


def test_missing_or_invalid_arguments_are_reported():
    with pytest.raises(CommandError, match="code"):
        retire()
    with pytest.raises(CommandError, match="no department “03”"):
        retire("03")
    make_department("allier", code="03")
    with pytest.raises(CommandError, match="--grace-days"):
        retire("03", "--grace-days", -1)


def test_accounts_without_department_are_deactivated(allier, tmp_path, client):
    make_user("partie", groups=["allier:editor"])
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    assert not client.login(username="partie", password=PASSWORD)


def test_accounts_are_locked_before_they_are_deactivated(allier):
    make_user("partie", groups=["allier:editor"])
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        delete_department_rows(allier)
    accounts = [query["sql"] for query in queries if 'FROM "users_user"' in query["sql"]]
    if connection.features.has_select_for_update:
        assert any("FOR UPDATE" in sql for sql in accounts)
    assert not get_user_model().objects.get(username="partie").is_active

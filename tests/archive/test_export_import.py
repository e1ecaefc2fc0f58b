"""`export_department` and `import_department`: what an archive holds, and what comes back."""

import csv
import json
import re
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Page,
    PageViewRestriction,
    WorkflowPage,
)
from wagtail_localize.models import StringTranslation, Translation

from cms.archive.restore.importer import import_department
from cms.archive.schema_document import OTHER_FILES
from cms.archive.tables import PAGES, TABLES
from cms.media.models import Consent, CustomImage, Video
from cms.pages.checks import page_types
from cms.pages.models import EventPage, Organisation, StandardPage, TestimonialPage
from search.models import Promotion
from sites.members import membership
from sites.members.addresses import is_placeholder
from sites.models import Department, DepartmentWorkflow
from tests.factories.departments import make_department
from tests.factories.files import pdf
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, png
from tests.factories.media_files import mp4
from tests.factories.pages import make_page
from tests.factories.users import make_user

from .archives import change_rows, change_settings, export, rows_of, undone
from .fixture_data import NEXT_YEAR, furnish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]


def test_import_restores_the_exported_rows(archive):
    imported = import_department(archive)
    assert imported.notes == imported.differing == []
    department = imported.department
    assert (department.code, department.slug, department.contact_email) == ("03", "allier", "contact@allier.example")
    image = CustomImage.objects.get(title="Portrait")
    assert (image.focal_point_x, image.focal_point_height) == (11, 14)
    assert sorted(image.tags.names()) == ["2026", "équipe"]
    assert image.collection.name == "Portraits"
    assert image.collection.get_parent() == department.collection
    assert image.uploaded_by_user.email == "auteure@example.org"
    assert image.file.open().read() == png()
    image.file.close()
    assert image.consent == Consent.objects.get()
    with image.consent.proof.open() as proof:
        assert proof.read() == pdf("Consentement")
    video = Video.objects.get()
    assert (video.poster, video.consent, video.captions.count()) == (image, image.consent, 1)
    assert Organisation.objects.get(name="Partenaire").logo == image
    assert Redirect.objects.get(old_path="/ancien").redirect_page.slug == "salon"
    promoted = Promotion.objects.get(department=department)
    assert (promoted.language, promoted.words, promoted.position) == ("fr", "rencontre", 2)
    assert Page.objects.filter(translation_key=promoted.content_id, slug="salon").exists()


def test_import_maps_references_to_new_ids(archive):
    # Taken numbers: nothing has the key here that it had there.
    make_department("drome", code="26")
    ImageFactory()
    DocumentFactory()
    import_department(archive)
    event = EventPage.objects.get(slug="salon", locale__language_code="fr")
    document = event.introduction.partition('linktype="document" id="')[2].partition('"')[0]
    assert DocumentFactory._meta.model.objects.get(pk=document).title == "Programme"
    assert f'linktype="page" id="{event.pk}"' in event.introduction
    assert event.image.title == "Portrait"
    draft = StandardPage.objects.get(slug="brouillon").get_latest_revision_as_object()
    assert f'id="{event.pk}"' in draft.body[0].value.source
    assert draft.body[1].value == Organisation.objects.get(name="Partenaire")
    assert TestimonialPage.objects.get().employer == Organisation.objects.get(name="Partenaire")


def test_import_restores_drafts_schedules_owners_and_restrictions(archive):
    import_department(archive)
    draft = Page.objects.get(slug="brouillon")
    assert (draft.live, draft.owner.email, draft.go_live_at) == (False, "auteure@example.org", NEXT_YEAR)
    assert draft.latest_revision.approved_go_live_at == NEXT_YEAR
    assert draft.latest_revision.user.email == "auteure@example.org"
    changed = Page.objects.get(slug="en-ligne").specific
    assert (changed.title, changed.draft_title, changed.live) == ("En ligne", "En ligne, corrigé", True)
    assert changed.get_latest_revision_as_object().title == "En ligne, corrigé"
    assert changed.live_revision != changed.latest_revision
    restriction = PageViewRestriction.objects.get(page__slug="interne")
    assert [group.name for group in restriction.groups.all()] == ["allier:editor"]
    assert Page.find_problems() == ([], [], [], [], [])


def test_import_restores_workflows_and_translations(archive):
    department = import_department(archive).department
    workflow = WorkflowPage.objects.get(page__slug="brouillon").workflow
    task = workflow.tasks.get().specific
    assert (workflow.name, task.name) == ("Relecture", "Accord")
    assert [group.name for group in task.groups.all()] == ["allier:publisher"]
    own = DepartmentWorkflow.objects.filter(department=department).order_by("pk")
    assert [each.locale and each.locale.language_code for each in own] == [None, "en"]
    assert [each.workflow.workflow_pages.count() for each in own] == [1, 1]
    translation = Translation.objects.get()
    assert translation.source.get_source_instance().slug == "salon"
    assert translation.get_target_instance().slug == "fair"
    assert translation.get_progress()[1] == 2
    assert set(StringTranslation.objects.values_list("data", flat=True)) == {"fair"}


def test_export_of_a_restored_department_is_equal(archive, tmp_path):
    department = import_department(archive).department
    for invitation in department.invitations.open():
        membership.accept_invitation(invitation, get_user_model().objects.get(email=invitation.email))
    again = export(department, tmp_path / "again")
    counts = [json.loads((path / "manifest.json").read_text())["counts"] for path in (archive, again)]
    assert counts[0] | {"log.ndjson": 0} == counts[1] | {"log.ndjson": 0}
    for name in ("consents.csv", "department.json", "translations/fr-en.xlf", "SCHEMA.md"):
        # Numbers of rows differ, nothing else.
        one, other = [re.sub(r"\d+", "0", (path / name).read_text()) for path in (archive, again)]
        assert one == other
    titles = [
        [(row["title"], row["place"], row["translation_key"]) for row in rows_of(path, "pages.ndjson")]
        for path in (archive, again)
    ]
    assert titles[0] == titles[1]


def test_equal_content_exports_equal_archives(tmp_path):
    department = make_department("allier")
    furnish(department)
    one, other = [json.loads((export(department, tmp_path / name) / "manifest.json").read_text()) for name in "ab"]
    assert one["files"] == other["files"]


def test_schema_describes_every_file_and_member(archive):
    text = (archive / "SCHEMA.md").read_text()
    patterns = [*OTHER_FILES, *(table.file for table in TABLES)]
    for path in archive.rglob("*"):
        name = path.relative_to(archive).as_posix()
        assert path.is_dir() or any(
            path.relative_to(archive).match(pattern) or name.startswith(pattern.rstrip("*")) for pattern in patterns
        ), name
    for table in TABLES:
        assert f"## {table.file}\n" in text
        for row in rows_of(archive, table.file):
            described = members_below(f"## {table.file}", text)
            if table is PAGES:
                described |= members_below(f"### {row['type']}", text)
            assert set(row) <= described, table.file


def members_below(heading, text):
    """Return the names of the list between a heading and the next one."""
    section = text.partition(f"\n{heading}\n")[2]
    return set(re.findall(r"^- `(\w+)`:", section.partition("\n#")[0], re.MULTILINE))


def test_archive_contains_no_secret(archive):
    accounts = rows_of(archive, "accounts.ndjson")
    assert [set(row) for row in accounts] == [{"email", "username", "first_name", "last_name", "is_active", "roles"}]
    everything = b"".join(path.read_bytes() for path in archive.rglob("*") if path.is_file())
    assert b"md5$" not in everything
    assert b"pbkdf2" not in everything


def test_archive_contains_consents_as_csv_and_strings_as_xliff(archive):
    register = list(csv.DictReader(StringIO((archive / "consents.csv").read_text())))
    assert [row["person_name"] for row in register] == ["Camille Exemple"]
    root = ElementTree.parse(archive / "translations/fr-en.xlf").getroot()  # noqa: S314 (written by the test)
    name = "{urn:oasis:names:tc:xliff:document:2.0}"
    assert (root.tag, root.get("version"), root.get("srcLang"), root.get("trgLang")) == (
        f"{name}xliff",
        "2.0",
        "fr",
        "en",
    )
    unit = next(each for each in root.iter(f"{name}unit") if each.get("name") == "title")
    assert [each.text for each in unit.iter(f"{name}source")] == ["Salon"]
    assert [each.text for each in unit.iter(f"{name}target")] == ["fair"]


def test_consents_csv_escapes_formulas(tmp_path):
    department = make_department("allier")
    ConsentFactory(collection=department.collection, person_name="=1+1")
    path = export(department, tmp_path / "a")
    assert next(csv.DictReader(StringIO((path / "consents.csv").read_text())))["person_name"] == "'=1+1"


def test_import_invites_and_gives_no_role_to_whoever_has_an_address(archive):
    known = make_user("quelqu-un")

    def add(rows):
        rows.append(rows[0] | {"email": known.email.upper()})
        rows.append(rows[0] | {"email": "partie@example.org", "is_active": False})

    change_rows(archive, "accounts.ndjson", add)
    imported = import_department(archive)
    assert sorted(imported.invitations) == ["auteure@example.org", known.email]
    for invitation in imported.department.invitations.open():
        assert [group.name for group in invitation.groups.all()] == ["allier:editor"]
    made = get_user_model().objects.get(email="auteure@example.org")
    assert is_placeholder(made)
    assert not made.is_superuser
    assert not membership.members_of(imported.department).exists()


def test_import_opens_no_closed_account_and_invites_none(archive):
    known = make_user("fermee")
    known.is_active = False
    known.save()

    def add(rows):
        rows.append(rows[0] | {"email": "partie@example.org", "is_active": False})
        rows.append(rows[0] | {"email": known.email, "is_active": False})
        rows.append(rows[0] | {"email": "vague@example.org", "is_active": "yes"})

    change_rows(archive, "accounts.ndjson", add)
    imported = import_department(archive)
    assert set(imported.invitations) == {"auteure@example.org"}
    closed = get_user_model().objects.filter(email__in=["partie@example.org", known.email, "vague@example.org"])
    assert [(each.is_active, each.groups.count()) for each in closed] == [(False, 0)] * 3


def test_import_accepts_another_host_and_port(archive):
    department = import_department(archive, hostname="ailleurs.example.test", port=8080).department
    assert department.site.root_url == "http://ailleurs.example.test:8080"


def test_export_marks_missing_files_as_lost(tmp_path):
    with undone():
        department = make_department("allier", code="03")
        document = DocumentFactory(collection=department.collection)
        document.file.storage.delete(document.file.name)
        path = export(department, tmp_path / "allier")
    assert [row["is_lost"] for row in rows_of(path, "media/documents.ndjson")] == [True]
    import_department(path)
    name = DocumentFactory._meta.model.objects.get().file.name
    assert name != document.file.name
    assert name.endswith("/" + document.file.name.rpartition("/")[2])


def test_a_lost_file_of_an_archive_is_no_file_of_another_department(tmp_path):
    """The names of files in an archive cannot be trusted: the row would give access to a file that is there."""
    with undone():
        department = make_department("allier", code="03")
        DocumentFactory(collection=department.collection)
        path = export(department, tmp_path / "allier")
    other = DocumentFactory(collection=make_department("isere", code="38").collection)
    change_rows(path, "media/documents.ndjson", lambda rows: rows[0].update(is_lost=True, file=other.file.name))
    imported = import_department(path)
    restored = DocumentFactory._meta.model.objects.get(collection=imported.department.collection)
    assert restored.file.name != other.file.name
    restored.delete()
    assert other.file.storage.exists(other.file.name)


def test_shared_media_of_the_instance_are_not_duplicated(tmp_path):
    shared = ImageFactory(title="Commune")
    shared.get_file_hash()
    department = make_department("allier", code="03")
    make_page(StandardPage, department, image=shared)
    path = export(department, tmp_path / "allier")
    change_settings(path, code="26", slug="drome", hostname="drome.example.test")
    change_rows(path, "pages.ndjson", lambda rows: [row.update(translation_key=new_key(row)) for row in rows])
    import_department(path)
    assert CustomImage.objects.get() == shared
    assert Page.objects.filter(path__startswith=Department.objects.get(code="26").container.path).count() == 4


def new_key(row):
    return "22222222" + row["translation_key"][8:]


def test_import_notes_files_that_get_another_name(archive):
    name = json.loads((archive / "media/images.ndjson").read_text().splitlines()[0])["file"]
    taken = default_storage.save(name, ContentFile(png()))
    imported = import_department(archive)
    assert taken == name
    assert any(name in note for note in imported.notes)


def test_number_of_export_queries_is_constant(tmp_path):
    department = make_department("allier")
    make_page(StandardPage, department)
    with CaptureQueriesContext(connection) as few:
        export(department, tmp_path / "few")
    for _number in range(10):
        make_page(StandardPage, department)
    with CaptureQueriesContext(connection) as many:
        export(department, tmp_path / "many")
    assert len(many) <= len(few) + 1


def test_commands_write_and_read_a_zip_file(tmp_path, client):
    path, output = tmp_path / "allier.zip", StringIO()
    with undone():
        furnish(make_department("allier", code="03"))
        call_command("export_department", "03", output=path, stdout=output, stderr=StringIO())
    assert path.stat().st_mode & 0o777 == 0o600
    call_command("import_department", path, stdout=output, stderr=StringIO())
    assert "http://allier.example.test/" in output.getvalue()
    link = re.search(r"invited: auteure@example.org accepts at http://[^/]+(\S+)", output.getvalue())
    assert client.get(link.group(1), follow=True).context["invitation"].email == "auteure@example.org"
    with pytest.raises(CommandError, match="code “03” is taken"):
        call_command("import_department", path, stderr=StringIO())
    with pytest.raises(CommandError, match="there already"):
        call_command("export_department", "03", output=path, stderr=StringIO())
    with pytest.raises(CommandError, match="no department “99”"):
        call_command("export_department", "99", output=path, stderr=StringIO())


# Models whose rows are in a file that is not a table of their own.
IN_ANOTHER_FILE = {
    "cms_sites.Department": "department.json",
    "cms_sites.DepartmentContainerPage": "department.json",
    "cms_sites.DepartmentLocale": "department.json",
    "wagtailcore.Locale": "department.json",
    "wagtailcore.Site": "department.json",
    "cms_sites.DepartmentGroup": "groups.ndjson",
    "auth.Group": "groups.ndjson",
    "users.User": "accounts.ndjson",
    "cms_sites.DepartmentWorkflow": "workflows.ndjson",
    "wagtailcore.Workflow": "workflows.ndjson",
    "wagtailcore.WorkflowPage": "workflows.ndjson",
    "wagtailcore.WorkflowTask": "workflows.ndjson",
    "wagtailcore.Task": "workflows.ndjson",
    "wagtailcore.GroupApprovalTask": "workflows.ndjson",
    "wagtail_localize.TranslatableObject": "translations/sources.ndjson",
    "wagtail_localize.TranslationSource": "translations/sources.ndjson",
    "wagtail_localize.StringSegment": "translations/sources.ndjson",
    "wagtail_localize.TemplateSegment": "translations/sources.ndjson",
    "wagtail_localize.Template": "translations/sources.ndjson",
    "wagtail_localize.RelatedObjectSegment": "translations/sources.ndjson",
    "wagtail_localize.OverridableSegment": "translations/sources.ndjson",
    "wagtail_localize.String": "translations/strings.ndjson",
    "wagtail_localize.StringTranslation": "translations/strings.ndjson",
    "translations.OutdatedTranslation": "translations/strings.ndjson",
    "wagtail_localize.TranslationContext": "translations/strings.ndjson",
    "wagtail_localize.SegmentOverride": "translations/overrides.ndjson",
    "wagtailcore.Collection": "collections.ndjson",
    "wagtailcore.CollectionViewRestriction": "collections.ndjson",
    "taggit.Tag": "media/images.ndjson",
    "taggit.TaggedItem": "media/images.ndjson",
    "wagtailcore.PageViewRestriction": "restrictions.ndjson",
    "wagtailcore.Revision": "revisions.ndjson",
    "wagtailcore.PageLogEntry": "log.ndjson",
    "wagtailcore.ModelLogEntry": "log.ndjson",
}


def left_out():
    """The models that docs/archive.md says are not in an archive; each line gives the reason."""
    text = (settings.BASE_DIR / "docs/archive.md").read_text()
    section = text.partition("### Not in an archive")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", section, re.MULTILINE)
    assert all(reason.strip() for _models, reason in rows)
    return [label for models, _reason in rows for label in re.findall(r"`([^`]+)`", models)]


def test_every_model_is_archived_or_listed_as_excluded(archive):
    """The author of a new model has to say what happens to its rows when a department leaves."""
    in_tables = {table.model._meta.label for table in TABLES if table.model}
    in_tables |= {model._meta.label for model in page_types()}  # pages.ndjson
    left, elsewhere = left_out(), set(IN_ANOTHER_FILE)
    known = [*in_tables, *left, *elsewhere]
    assert {label for label in known if known.count(label) > 1} == set()
    models = {model._meta.label for model in apps.get_models()}
    assert models - set(known) == set()
    assert set(known) - models - {"wagtailsearch.SQLiteFTSIndexEntry"} == set()
    assert {name for name in IN_ANOTHER_FILE.values() if not (archive / name).exists()} == set()


def test_a_restored_video_has_the_duration_of_its_file(tmp_path):
    with undone():
        department = make_department("allier", code="03")
        for title, content in (("Film", mp4(seconds=8)), ("Coupé", mp4(seconds=8)[:-300])):
            file = ContentFile(content, name="film.mp4")
            Video.objects.create(title=title, duration=500, collection=department.collection, file=file)
        path = export(department, tmp_path / "allier")
    import_department(path)
    # A damaged file has none: the row keeps its own, and the dashboard names the file.
    assert dict(Video.objects.values_list("title", "duration")) == {"Film": 8, "Coupé": 500}

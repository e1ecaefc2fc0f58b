"""Invalid archives that `import_department` refuses, and untrusted data that it ignores."""

import tracemalloc
import zipfile
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Page,
)

from cms.archive.archive_file import MAXIMUM_LINE_SIZE, MAXIMUM_TOTAL_SIZE, ArchiveError, ArchiveReader
from cms.archive.restore.importer import import_department
from cms.archive.restore.storage_demand import counted_bytes
from cms.media.uploads import free_space
from cms.media.uploads.storage_quota import used_bytes
from cms.pages.models import EventPage, StandardPage
from sites.models import Department, Sharing
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.sharing import hold_together
from tests.stored_files import stored_files

from .archives import change_file, change_manifest, change_rows, change_settings, export, rows_of, undone

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.usefixtures("no_files")]


def test_conflicting_code_slug_or_host_is_refused(archive):
    make_department("allier", code="26")
    with pytest.raises(ArchiveError, match="slug “allier” is taken"):
        import_department(archive)
    change_settings(archive, slug="autre")
    with pytest.raises(ArchiveError, match=r"hostname “allier\.example\.test” is taken"):
        import_department(archive)
    make_department("drome", code="03")
    with pytest.raises(ArchiveError, match="code “03” is taken"):
        import_department(archive)


def add_role(rows):
    rows[0]["roles"].append("king")


def nested(levels):
    return '{"id":' + "[" * levels + "]" * levels + "}"


def add_web_page(path):
    """Replace a picture by a web page that keeps the name of the picture."""
    [row] = rows_of(path, "media/images.ndjson")
    change_file(path, f"files/media/{row['file']}", b"<!doctype html><script>alert(1)</script>")


def restrict(**values):
    def change(path):
        change_rows(path, "restrictions.ndjson", lambda rows: rows[0].update(values))

    return change


def alias(*pairs):
    """Make the pages with the first slugs aliases of those with the second ones."""

    def change(path):
        ids = {row["slug"]: row["id"] for row in rows_of(path, "pages.ndjson")}
        originals = {slug: ids[original] for slug, original in pairs}
        change_rows(
            path, "pages.ndjson",
            lambda rows: [row.update(alias_of=originals[row["slug"]]) for row in rows if row["slug"] in originals],
        )  # fmt: skip

    return change


REFUSED = {
    "a web page with the name of a picture": (add_web_page, r"media/images\.ndjson, line 1: .*original_images/"),
    "an unknown kind of restriction": (restrict(type="everyone"), r"restrictions\.ndjson, line 1: .*restriction_type"),
    "a restriction without its password": (restrict(type="password", password=""), r"line 1: .*password"),
    "a restriction to no group": (restrict(type="groups", groups=[]), r"line 1: .*groups"),
    "a restricted collection of an unknown kind": (
        lambda path: change_rows(
            path, "collections.ndjson", lambda rows: rows[1].update(restriction={"type": "everyone"})
        ),
        r"collections\.ndjson, line 2: .*restriction_type",
    ),
    "a home below the address of the admin": (
        lambda path: change_rows(path, "pages.ndjson", lambda rows: rows[0].update(slug="admin")),
        r"pages\.ndjson, line 1: .*admin",
    ),
    "a department with the slug of the admin": (lambda path: change_settings(path, slug="admin"), "admin"),
    "JSON with 10,000 levels": (
        lambda path: change_file(path, "redirects.ndjson", nested(10_000).encode()),
        r"redirects\.ndjson, line 1: .*nested",
    ),
    "JSON with more levels than content has": (
        lambda path: change_file(path, "redirects.ndjson", nested(200).encode()),
        r"redirects\.ndjson, line 1: .*nested",
    ),
    "settings with 10,000 levels": (
        lambda path: change_file(path, "department.json", nested(10_000).encode()),
        r"department\.json",
    ),
    "a revision with a body of 10,000 levels": (
        lambda path: change_rows(
            path,
            "revisions.ndjson",
            lambda rows: next(row for row in rows if "body" in row["content"])["content"].update(
                body="[" * 10_000 + "]" * 10_000
            ),
        ),
        r"revisions\.ndjson, line \d+: .*nested",
    ),
    "a longer row than a page has": (
        lambda path: change_file(path, "redirects.ndjson", b'{"id": "' + b"x" * MAXIMUM_LINE_SIZE + b'"}'),
        r"redirects\.ndjson, line 1: .*too long",
    ),
    "a text with NUL": (
        lambda path: change_rows(path, "accounts.ndjson", lambda rows: rows[0].update(first_name="a\0")),
        r"accounts\.ndjson, line 1",
    ),
    "a value that is not a choice": (
        lambda path: change_rows(path, "media/documents.ndjson", lambda rows: rows[0].update(kind="unknown")),
        r"media/documents\.ndjson, line 1: .*kind",
    ),
    "a video of no duration": (
        lambda path: change_rows(path, "media/videos.ndjson", lambda rows: rows[0].update(duration=0)),
        r"media/videos\.ndjson, line 1: .*duration",
    ),
    "a consent that ends before it starts": (
        lambda path: change_rows(
            path, "consents.ndjson", lambda rows: rows[0].update(starts_on="2090-01-01", expires_on="2080-01-01")
        ),
        r"consents\.ndjson, line 1",
    ),
    "a live page without title": (
        lambda path: change_rows(path, "pages.ndjson", lambda rows: rows[0].update(title="")),
        r"pages\.ndjson, line 1: .*title",
    ),
    "an alias of itself": (alias(("interne", "interne")), r"pages\.ndjson, line \d+: .*alias"),
    "aliases of each other": (
        alias(("interne", "en-ligne"), ("en-ligne", "interne")),
        r"pages\.ndjson, line \d+: .*alias",
    ),
    "an alias of another type": (alias(("interne", "salon")), r"pages\.ndjson, line \d+: .*alias"),
    "a row of another type": (
        lambda path: change_rows(path, "revisions.ndjson", lambda rows: rows[0].update(content=[1])),
        r"revisions\.ndjson, line 1",
    ),
    "a circle of languages": (lambda path: change_settings(path, fallbacks={"fr": "en", "en": "fr"}), "fr → en → fr"),
    "fallbacks of another kind": (lambda path: change_settings(path, fallbacks=["fr"]), "fallbacks"),
    "an unknown language": (lambda path: change_settings(path, locales=["fr", "xx"]), "xx"),
    "an unknown role": (lambda path: change_rows(path, "accounts.ndjson", add_role), "king"),
    "a page of an unknown type": (
        lambda path: change_rows(path, "pages.ndjson", lambda rows: rows[3].update(type="auth.user")),
        "auth.user",
    ),
    "a page below none": (
        lambda path: change_rows(path, "pages.ndjson", lambda rows: rows[3].update(place="000100090001")),
        "no place",
    ),
    "a reference to a foreign row": (
        lambda path: change_rows(path, "pages.ndjson", lambda rows: rows[0].update(image=999999)),
        "cms_media.customimage 999999",
    ),
    "a page that runs as a web page": (
        lambda path: change_rows(path, "media/documents.ndjson", lambda rows: rows[0].update(file="documents/a.html")),
        "documents/a.html",
    ),
    "a file in another folder": (
        lambda path: change_rows(path, "media/documents.ndjson", lambda rows: rows[0].update(file="consents/a.pdf")),
        "consents/a.pdf",
    ),
    "a link that runs a script": (
        lambda path: change_rows(path, "redirects.ndjson", lambda rows: rows[0].update(redirect_link="javascript:1")),
        "redirect_link",
    ),
    "a translation of another's content": (
        lambda path: change_rows(
            path,
            "translations/strings.ndjson",
            lambda rows: rows[0].update(translation_key="11111111-1111-4111-8111-111111111111"),
        ),
        "11111111",
    ),
    "a value that the column cannot hold": (
        lambda path: change_rows(path, "consents.ndjson", lambda rows: rows[0].update(starts_on="soon")),
        "starts_on",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_invalid_row_is_refused_and_leaves_nothing(archive, case):
    forge, named = REFUSED[case]
    forge(archive)
    before = (Page.objects.count(), get_user_model().objects.count(), stored_files())
    with pytest.raises(ArchiveError, match=named):
        import_department(archive)
    assert (Page.objects.count(), get_user_model().objects.count(), stored_files()) == before
    assert not Department.objects.exists()


def forge_link(path):
    (path / "files" / "link").symlink_to("/etc/passwd")


CHANGED = {
    "a changed byte": (lambda path: (path / "pages.ndjson").write_text("{}"), "pages.ndjson"),
    "a missing file": (lambda path: (path / "redirects.ndjson").unlink(), "redirects.ndjson"),
    "a file that is not listed": (lambda path: (path / "more.txt").write_text("x"), "more.txt"),
    "a name that leads out": (
        lambda path: change_manifest(
            path, lambda manifest: manifest["files"].update({"../evil": {"size": 1, "sha256": ""}})
        ),
        "../evil",
    ),
    "a link": (forge_link, "link"),
    "another format": (lambda path: change_manifest(path, lambda manifest: manifest.update(format_version=99)), "99"),
    "no manifest": (lambda path: (path / "manifest.json").unlink(), "manifest"),
    "a manifest that is not JSON": (lambda path: (path / "manifest.json").write_text("<xml/>"), "not the archive"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_changed_archive_is_refused_without_any_query(archive, case):
    change, named = CHANGED[case]
    change(archive)
    with CaptureQueriesContext(connection) as queries, pytest.raises(ArchiveError, match=named):
        import_department(archive)
    assert len(queries) == 0


@pytest.mark.parametrize("content", [b"[" * 10_000, b"[]," * 20_000_000], ids=["nested", "long"])
def test_a_manifest_needs_no_more_memory_than_the_list_of_files(tmp_path, content):
    """250 kB of a ZIP file unpack to 60 MB and more."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", content)
    del content
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match=r"manifest|not the archive"):
            import_department(path)
        _size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024**2


def test_the_default_limit_of_an_archive_fits_a_server():
    assert MAXIMUM_TOTAL_SIZE <= 20 * 1024**3


def test_too_large_archive_is_refused(archive):
    with pytest.raises(ArchiveError, match="larger than 1000"):
        import_department(archive, maximum_total=1000)


@pytest.mark.parametrize("limit", ["quota", "disk"])
def test_files_beyond_the_quota_or_the_free_space_are_refused_before_anything_is_written(
    archive, settings, monkeypatch, limit
):
    with ArchiveReader(archive) as reader:
        reader.verify()
        needed = counted_bytes(reader)
    assert needed > 1000
    settings.DEPARTMENT_QUOTA_BYTES = needed - 1
    if limit == "disk":
        settings.DEPARTMENT_QUOTA_BYTES, settings.STORAGE_RESERVE_BYTES = 0, 1000
        monkeypatch.setattr(free_space.shutil, "disk_usage", lambda path: SimpleNamespace(free=needed))
    saved = []
    monkeypatch.setattr(FileSystemStorage, "save", lambda *args, **kwargs: saved.append(args))
    with (
        pytest.raises(ArchiveError, match=r"\d.*(together|must stay free)"),
        CaptureQueriesContext(connection) as queries,
    ):
        import_department(archive)
    assert saved == []
    assert not any(query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) for query in queries)


@pytest.mark.parametrize("signed", [True, False])
def test_an_unsigned_archive_does_not_evade_the_quota_with_shared_files(archive, settings, signed):
    with ArchiveReader(archive) as reader:
        reader.verify()
        settings.DEPARTMENT_QUOTA_BYTES = counted_bytes(reader) - 1
    tables = ("images", "documents", "videos")
    for name in tables:
        change_rows(archive, f"media/{name}.ndjson", lambda rows: [row.update(shared=True) for row in rows])
    if signed:
        with ArchiveReader(archive) as reader:
            reader.verify()
            assert counted_bytes(reader) < settings.DEPARTMENT_QUOTA_BYTES
        return
    change_manifest(archive, lambda manifest: manifest.update(signature="made up"), sign=False)
    with pytest.raises(ArchiveError, match=r"\d.*together"):
        import_department(archive)


def test_the_files_of_a_restored_department_count_as_the_check_says(archive):
    with ArchiveReader(archive) as reader:
        reader.verify()
        needed = counted_bytes(reader)
    assert used_bytes(import_department(archive).department) == needed


def test_existing_content_is_refused(archive):
    other = make_department("drome", code="26")
    page = make_page(StandardPage, other)
    key = next(row["translation_key"] for row in rows_of(archive, "pages.ndjson") if row["slug"] == "salon")
    Page.objects.filter(pk=page.pk).update(translation_key=key)
    with pytest.raises(ArchiveError, match=key):
        import_department(archive)


def test_external_reference_is_not_linked_to_unshared_content(archive):
    other = make_department("drome", code="26")
    page = make_page(StandardPage, other)

    def declare(rows):
        rows.append(
            {
                "kind": "page",
                "id": 999999,
                "translation_key": str(page.translation_key),
                "locale": "fr",
                "department": "26",
            }
        )

    change_rows(archive, "outside.ndjson", declare)
    change_rows(archive, "redirects.ndjson", lambda rows: rows[0].update(redirect_page=999999))
    imported = import_department(archive)
    assert any("999999" in note for note in imported.notes)
    assert Redirect.objects.get(site=imported.department.site).redirect_page is None


def test_file_that_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK nothing")
    with pytest.raises(ArchiveError, match="not an archive"):
        import_department(path)
    with pytest.raises(ArchiveError, match="no archive"):
        import_department(tmp_path / "missing.zip")


def test_permissions_in_an_archive_are_ignored(archive):
    change_rows(archive, "accounts.ndjson", lambda rows: rows[0].update(is_superuser=True, password="secret"))
    import_department(archive)
    made = get_user_model().objects.get(email="auteure@example.org")
    assert (made.is_superuser, made.has_usable_password()) == (False, False)


def test_co_holding_is_restored_only_from_a_signed_archive(tmp_path):
    other = make_department("drome", code="26")
    festival = make_page(EventPage, other, title="Festival")
    with undone():
        department = make_department("allier", code="03")
        hold_together(festival, department)
        path = export(department, tmp_path / "allier")
    with undone():
        import_department(path)
        assert Sharing.objects.in_force().get().department.code == "03"
    change_manifest(path, lambda manifest: manifest.update(signature="made up"), sign=False)
    imported = import_department(path)
    assert not Sharing.objects.exists()
    assert any("26" in note for note in imported.notes)

"""Export and restore of a department are interrupted at each point: all of it is there, or nothing."""

from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.db.models.signals import post_save

from cms.archive.archive_file import ArchiveReader
from cms.archive.export.exporter import export_department
from cms.archive.restore.importer import import_department
from cms.delivery.models import PublishedDocument
from cms.media.models import CustomDocument
from sites.models import AuditLogEntry, Department
from tests.stored_files import stored_files

from .injection import interrupted
from .recovery import recover

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_an_archive_is_complete_and_logged_or_not_there(page, department, tmp_path, kill):
    def export(number):
        return partial(export_department, department, tmp_path / f"{number}.zip")

    for number, (injection, error) in enumerate(interrupted(export, kill=kill)):
        assert (error == "") == (not injection.happened)
        export_department(department, tmp_path / f"again-{number}.zip")
        archives = list(tmp_path.glob("*.zip"))
        entries = AuditLogEntry.objects.filter(action=AuditLogEntry.Action.DEPARTMENT_EXPORTED)
        assert entries.count() >= len(archives) > number, injection.happened
        for path in archives:
            with ArchiveReader(path) as reader:
                assert reader.verify()


def public_documents():
    return sorted(PublishedDocument.objects.public().values_list("content_id", "locale", "title"))


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_a_department_is_restored_or_leaves_nothing(page, department, tmp_path, kill):
    archive = tmp_path / "archive.zip"
    export_department(department, archive)
    published = public_documents()

    def restore(number):
        if kept := Department.objects.first():
            options = {"grace_days": 0, "archive_folder": tmp_path / f"retired-{number}", "verbosity": 0}
            call_command("retire_department", kept.code, **options, stdout=StringIO())
        nonlocal before
        before = stored_files()
        return partial(import_department, archive)

    before = set()
    for injection, error in interrupted(restore, kill=kill, limit=3):
        assert error or not injection.happened or Department.objects.exists()
        if not Department.objects.exists():
            assert error
            # A dead process cannot delete its files. Nothing shows them, and another import takes other names.
            assert kill or stored_files() == before, injection.happened
            import_department(archive)
        assert recover() == [], injection.happened
        assert public_documents() == published, injection.happened
        for document in CustomDocument.objects.all():
            assert document.file.storage.exists(document.file.name)


def test_the_files_of_a_restored_department_stay_if_work_after_the_commit_fails(page, department, tmp_path):
    archive = tmp_path / "archive.zip"
    export_department(department, archive)
    options = {"grace_days": 0, "archive_folder": tmp_path / "retired", "verbosity": 0}
    call_command("retire_department", department.code, **options, stdout=StringIO())

    def fail():
        raise OperationalError("the database is gone")

    def fail_after_commit(**kwargs):
        transaction.on_commit(fail)

    post_save.connect(fail_after_commit, sender=Department)
    try:
        with pytest.raises(OperationalError):
            import_department(archive)
    finally:
        post_save.disconnect(fail_after_commit, sender=Department)

    assert Department.objects.get().code == department.code
    documents = CustomDocument.objects.all()
    assert documents
    assert [each.file.name for each in documents if not each.file.storage.exists(each.file.name)] == []

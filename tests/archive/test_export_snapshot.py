"""An archive is one state of the database, whatever others commit while it is written (PostgreSQL)."""

import threading

import pytest
from django.db import InternalError, connection, transaction
from wagtail.contrib.redirects.models import Redirect

from cms.archive.archive_file import ArchiveWriter
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory
from tests.factories.pages import home_of

from .archives import export, rows_of

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_files"),
]


def test_rows_committed_during_an_export_are_not_exported(tmp_path, monkeypatch):
    department = make_department("allier", code="03")
    Redirect.objects.create(site=department.site, old_path="/avant", redirect_page=home_of(department))
    write_rows = ArchiveWriter.write_rows
    committed = []

    def commit_elsewhere():
        try:
            with transaction.atomic():
                Redirect.objects.create(site=department.site, old_path="/pendant", redirect_page=home_of(department))
                Redirect.objects.filter(old_path="/avant").update(is_permanent=False)
                DocumentFactory(collection=department.collection, title="Pendant")
            committed.append(True)
        finally:
            connection.close()

    def write_while_others_work(writer, name, rows):
        count = write_rows(writer, name, rows)
        if name == "pages.ndjson":
            thread = threading.Thread(target=commit_elsewhere)
            thread.start()
            thread.join(timeout=30)
        return count

    monkeypatch.setattr(ArchiveWriter, "write_rows", write_while_others_work)
    path = export(department, tmp_path / "allier")
    assert committed == [True]
    redirects = rows_of(path, "redirects.ndjson")
    assert [(row["old_path"], row["is_permanent"]) for row in redirects] == [("/avant", True)]
    assert rows_of(path, "media/documents.ndjson") == []
    monkeypatch.undo()
    after = export(department, tmp_path / "after")
    assert len(rows_of(after, "redirects.ndjson")) == 2
    assert [row["title"] for row in rows_of(after, "media/documents.ndjson")] == ["Pendant"]


def test_export_transaction_is_read_only(tmp_path, monkeypatch):
    """A write by mistake fails, because the transaction is read-only."""
    department = make_department("allier", code="03")
    write_rows = ArchiveWriter.write_rows

    def write_too_much(writer, name, rows):
        Redirect.objects.create(site=department.site, old_path=f"/{name}")
        return write_rows(writer, name, rows)

    monkeypatch.setattr(ArchiveWriter, "write_rows", write_too_much)
    with pytest.raises(InternalError, match="read-only transaction"):
        export(department, tmp_path / "allier")
    assert not (tmp_path / "allier").exists()

"""Retires a department in steps that can each be run again: freeze, wait, export, remove, report."""

from __future__ import annotations

import datetime
import getpass
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from cms.delivery.publisher import process_refresh_requests
from sites.models import Department

from . import tables
from .archive_file import ArchiveReader, Refused, Row, sha256_of
from .department_deletion import remove_rows
from .export.exporter import export_department
from .selection import Selection
from .signed_report import read_report, write_json, write_report


@dataclass(frozen=True)
class Papers:
    """The files of one retirement in a folder: the archive, what is still to be deleted, and the report."""

    folder: Path
    code: str

    @property
    def archive(self) -> Path:
        return self.folder / f"{self.code}.zip"

    @property
    def pending(self) -> Path:
        return self.folder / f"{self.code}.pending.json"

    @property
    def report(self) -> Path:
        return self.folder / f"{self.code}.report.json"


def retire(department: Department, papers: Papers, *, progress: Any = None) -> Row:
    """Export a frozen department, check the archive, remove the department; return the report.

    Raises Refused before the end of its grace period, and for an archive that is not the department's as it is now.
    What has been done stays done: run again, it goes on where it stopped.
    """
    if department.suspended_at is None or department.retires_on is None:
        raise Refused(_("The department is not frozen."))
    if timezone.localdate() < department.retires_on:
        raise Refused(_("The department may be removed from %(day)s.") % {"day": department.retires_on})
    process_refresh_requests(retry_failed=True)  # The archive's documents are then what the pages say.
    if not papers.archive.exists():
        export_department(department, papers.archive, progress=progress)
    with transaction.atomic():
        manifest = checked_manifest(department, papers.archive)
        report = _report_of(department, manifest, papers.archive)
        removed, files = remove_rows(department)
        report |= {"removed": removed, "files": len(files), "removed_at": _now()}
        # Before the commit: a crash after it must not forget the files.
        write_json(papers.pending, {"report": report, "files": files})
    return finish(papers)


def finish(papers: Papers) -> Row:
    """Delete the files of a department whose rows are gone, and write the report; return it.

    Raises Refused when no retirement was begun here.
    """
    if papers.report.exists():
        return read_report(papers.report)
    if not papers.pending.exists():
        raise Refused(_("There is no department “%(code)s”.") % {"code": papers.code})
    pending = json.loads(papers.pending.read_text())
    for storage, name in pending["files"]:
        storages[storage].delete(name)
    process_refresh_requests(retry_failed=True)
    write_report(papers.report, pending["report"])
    papers.pending.unlink()
    return dict(pending["report"])


def checked_manifest(department: Department, archive: Path) -> Row:
    """Return the manifest of an archive from which the department could be restored as it is now. Raises Refused."""
    with ArchiveReader(archive) as reader:
        manifest = reader.verify()
        if manifest["department"]["code"] != department.code:
            raise Refused(_("The archive is that of department %(code)s.") % {"code": manifest["department"]["code"]})
        if not reader.is_ours:
            raise Refused(_("The archive was not written by this instance."))
    exported_at = parse_datetime(manifest["exported_at"])
    if exported_at is None or department.suspended_at is None or exported_at < department.suspended_at:
        raise Refused(_("The archive is older than the freeze: its content may have changed since."))
    selection, counts = Selection(department), manifest["counts"]
    page_ids = selection.page_ids()
    now = {tables.PAGES.file: len(page_ids), tables.PUBLISHED.file: selection.documents().count()}
    lacking = [name for name, number in now.items() if counts.get(name) != number]
    for table in (tables.IMAGES, tables.DOCUMENTS, tables.VIDEOS, tables.CONSENTS):
        # What the instance shares is in the archive as well.
        if counts.get(table.file, 0) < selection.members(table.model).count():  # type: ignore[arg-type]
            lacking.append(table.file)
    # Scheduled publications go on during the freeze, and superusers may still work.
    published = Q(first_published_at__gt=exported_at) | Q(last_published_at__gt=exported_at)
    newer = {
        tables.REVISIONS.file: Revision.page_revisions.filter(
            created_at__gt=exported_at, object_id__in=list(map(str, page_ids))
        ),
        tables.PAGES.file: Page.objects.filter(published, path__startswith=selection.container_path),
        tables.PUBLISHED.file: selection.documents().filter(sequence__gt=manifest["last_change"]),
        tables.LOG.file: selection.page_log().filter(timestamp__gt=exported_at),
    }
    lacking += [name for name, rows in newer.items() if name not in lacking and rows.exists()]
    if lacking:
        raise Refused(_("The archive lacks what the department has now: %(names)s.") % {"names": ", ".join(lacking)})
    return manifest


def _report_of(department: Department, manifest: Row, archive: Path) -> Row:
    return {
        "department": manifest["department"],
        "frozen_at": department.suspended_at and department.suspended_at.astimezone(datetime.UTC).isoformat(),
        "archive": {
            "name": archive.name,
            "sha256": sha256_of(archive),
            "exported_at": manifest["exported_at"],
            "counts": manifest["counts"],
            "files": manifest["files"],
        },
        "run_by": getpass.getuser(),
    }


def _now() -> str:
    return timezone.now().astimezone(datetime.UTC).isoformat()

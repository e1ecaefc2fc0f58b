"""Retires a suspended department: exports it, checks the archive, deletes the department and writes a report."""

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
from sites.audit_log.recording import Action, record
from sites.lifecycle.suspension import suspend
from sites.models import Department

from . import tables
from .archive_file import ArchiveError, ArchiveReader, JsonObject, sha256_of
from .department_deletion import delete_department_rows
from .export.exporter import export_department
from .selection import DepartmentSelection
from .signed_report import read_report, write_json_file, write_report


@dataclass(frozen=True)
class RetirementFiles:
    """The paths of one retirement: the archive, the list of files that are still to be deleted, and the report."""

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


def suspend_for_retirement(department: Department, grace_days: int) -> None:
    """Suspend a department and allow its deletion after the grace period. A second call keeps the first period.

    Raise ArchiveError for a negative number of days.
    """
    if grace_days < 0:
        raise ArchiveError("--grace-days: " + _("a number from 0 is expected"))
    suspend(department, department.local_day + datetime.timedelta(days=grace_days))


def is_due_for_retirement(department: Department) -> bool:
    """Return True if the grace period of a suspended department has ended."""
    return department.retires_on is not None and department.retires_on <= department.local_day


def retire_department(department: Department, files: RetirementFiles, *, progress: Any = None) -> JsonObject:
    """Export a suspended department, check the archive, delete the department; return the report.

    A repeated call continues where the last one stopped. Raise ArchiveError before the end of the grace period, or if
    an existing archive does not contain the current state of the department.
    """
    if department.suspended_at is None or department.retires_on is None:
        raise ArchiveError(_("The department is not suspended."))
    if department.local_day < department.retires_on:
        raise ArchiveError(_("The department may be removed from %(day)s.") % {"day": department.retires_on})
    process_refresh_requests(retry_failed=True)  # Documents must match the pages before the export.
    if not files.archive.exists():
        export_department(department, files.archive, progress=progress)
    with transaction.atomic():
        manifest = verify_current_archive(department, files.archive)
        report = _build_report(department, manifest, files.archive)
        code = department.code
        removed, stored_files = delete_department_rows(department)
        # Its own log outlives it, below its code, until the entries expire.
        record(Action.DEPARTMENT_REMOVED, code=code)
        report |= {"removed": removed, "files": len(stored_files), "removed_at": _now()}
        # Before the commit, so that a crash after it does not lose the list of files.
        write_json_file(files.pending, {"report": report, "files": stored_files})
    return finish_retirement(files)


def finish_retirement(files: RetirementFiles) -> JsonObject:
    """Delete the files of a department whose rows are deleted; write and return the report.

    Raise ArchiveError if the folder has no file of a started retirement.
    """
    if files.report.exists():
        return read_report(files.report)
    if not files.pending.exists():
        raise ArchiveError(_("There is no department “%(code)s”.") % {"code": files.code})
    pending = json.loads(files.pending.read_text())
    for storage, name in pending["files"]:
        storages[storage].delete(name)
    process_refresh_requests(retry_failed=True)
    write_report(files.report, pending["report"])
    files.pending.unlink()
    return dict(pending["report"])


def verify_current_archive(department: Department, archive: Path) -> JsonObject:
    """Return the manifest of an archive; raise ArchiveError if the archive lacks rows that the department has now."""
    with ArchiveReader(archive) as reader:
        manifest = reader.verify()
        if manifest["department"]["code"] != department.code:
            raise ArchiveError(
                _("The archive is that of department %(code)s.") % {"code": manifest["department"]["code"]}
            )
        if not reader.is_signed_by_this_instance:
            raise ArchiveError(_("The archive was not written by this instance."))
    exported_at = parse_datetime(manifest["exported_at"])
    if exported_at is None or department.suspended_at is None or exported_at < department.suspended_at:
        raise ArchiveError(_("The archive is older than the suspension: its content may have changed since."))
    selection, counts = DepartmentSelection(department), manifest["counts"]
    page_ids = selection.page_ids()
    current_counts = {tables.PAGES.file: len(page_ids), tables.PUBLISHED.file: selection.published_documents().count()}
    lacking = [name for name, number in current_counts.items() if counts.get(name) != number]
    for table in (tables.IMAGES, tables.DOCUMENTS, tables.VIDEOS, tables.CONSENTS):
        # The archive may have more rows, because it contains shared media that the content uses.
        if counts.get(table.file, 0) < selection.media(table.model).count():  # type: ignore[arg-type]
            lacking.append(table.file)
    # Scheduled publication continues during the suspension, and superusers may still edit.
    published = Q(first_published_at__gt=exported_at) | Q(last_published_at__gt=exported_at)
    newer = {
        tables.REVISIONS.file: Revision.page_revisions.filter(
            created_at__gt=exported_at, object_id__in=list(map(str, page_ids))
        ),
        tables.PAGES.file: Page.objects.filter(published, path__startswith=selection.container_path),
        tables.PUBLISHED.file: selection.published_documents().filter(sequence__gt=manifest["last_change"]),
        tables.LOG.file: selection.page_log().filter(timestamp__gt=exported_at),
    }
    lacking += [name for name, rows in newer.items() if name not in lacking and rows.exists()]
    if lacking:
        raise ArchiveError(
            _("The archive lacks rows that the department has now, in: %(names)s.") % {"names": ", ".join(lacking)}
        )
    return manifest


def _build_report(department: Department, manifest: JsonObject, archive: Path) -> JsonObject:
    return {
        "department": manifest["department"],
        "suspended_at": department.suspended_at and department.suspended_at.astimezone(datetime.UTC).isoformat(),
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

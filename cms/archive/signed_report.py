"""The report that a retired department leaves behind: signed, so that nobody can change it unseen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core import signing
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from .archive_file import ArchiveError, JsonObject

SIGNATURE_SALT = "cms.archive.signed_report"


def write_report(path: Path, report: JsonObject) -> None:
    """Write a report with its signature (HMAC with this instance's SECRET_KEY)."""
    write_json_file(path, {"report": report, "signature": _signature(report)})


def read_report(path: Path) -> JsonObject:
    """Return what a report says. Raises ArchiveError for one that is missing, was changed or comes from elsewhere."""
    if not path.is_file():
        raise ArchiveError(_("There is no report “%(path)s”.") % {"path": path})
    try:
        found: Any = json.loads(path.read_text())
        report, signature = found["report"], str(found["signature"])
    except (ValueError, KeyError, TypeError):
        report, signature = None, ""
    if report is None or not constant_time_compare(signature, _signature(report)):
        raise ArchiveError(_("The report “%(path)s” is not one, or was changed.") % {"path": path})
    return dict(report)


def write_json_file(path: Path, content: JsonObject) -> None:
    """Write a file that is either whole or not there, for this account only."""
    partial = path.with_name(path.name + ".partial")
    partial.touch(0o600)
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1))
    partial.rename(path)


def _signature(report: Any) -> str:
    return signing.Signer(salt=SIGNATURE_SALT).signature(json.dumps(report, ensure_ascii=False, sort_keys=True))

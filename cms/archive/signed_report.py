"""Writes and reads the signed report of a retirement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core import signing
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from .archive_file import ArchiveError, JsonObject, from_json

SIGNATURE_SALT = "cms.archive.signed_report"


def write_report(path: Path, report: JsonObject) -> None:
    """Write a report with its HMAC signature, keyed with the SECRET_KEY of this instance."""
    write_json_file(path, {"report": report, "signature": _signature(report)})


def read_report(path: Path) -> JsonObject:
    """Return a report. Raise ArchiveError if it is missing or its signature is not valid."""
    if not path.is_file():
        raise ArchiveError(_("There is no report “%(path)s”.") % {"path": path})
    try:
        envelope: Any = from_json(path.read_text())
        report, signature = envelope["report"], str(envelope["signature"])
    except (ValueError, KeyError, TypeError):
        report, signature = None, ""
    if report is None or not constant_time_compare(signature, _signature(report)):
        raise ArchiveError(_("“%(path)s” is not the report of a retirement, or was changed.") % {"path": path})
    return dict(report)


def write_json_file(path: Path, content: JsonObject) -> None:
    """Write a JSON file atomically, readable by this account only."""
    partial = path.with_name(path.name + ".partial")
    partial.touch(0o600)
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1))
    partial.rename(path)


def _signature(report: Any) -> str:
    return signing.Signer(salt=SIGNATURE_SALT).signature(json.dumps(report, ensure_ascii=False, sort_keys=True))

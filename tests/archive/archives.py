"""Helpers that write, read and manipulate archives in tests."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command
from django.db import transaction

from cms.archive.archive_file import MANIFEST_NAME, signature_of
from cms.archive.export.exporter import export_department
from tests.stored_files import file_folders


@contextmanager
def undone():
    """Roll back the block at its end and delete all stored files."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    remove_files()


def remove_files():
    """Empty the media folder and the private one."""
    for folder in file_folders().values():
        shutil.rmtree(folder, ignore_errors=True)


def export(department, path):
    """Export a department to a folder and return its path."""
    export_department(department, path)
    return path


def retire(*arguments):
    """Run `retire_department` and return its output."""
    output = StringIO()
    call_command("retire_department", *map(str, arguments), stdout=output, stderr=StringIO())
    return output.getvalue()


def rows_of(folder, name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def change_rows(folder, name, change, *, sign=True):
    """Rewrite the rows of a file with `change(rows)`, and the manifest so that its checksums hold."""
    rows = rows_of(folder, name)
    change(rows)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    change_file(folder, name, text.encode(), sign=sign)


def change_settings(folder, **values):
    """Change values of department.json."""
    path = folder / "department.json"
    change_file(folder, path.name, json.dumps(json.loads(path.read_text()) | values).encode())


def change_file(folder, name, content, *, sign=True):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    entry = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    change_manifest(folder, lambda manifest: manifest["files"].update({name: entry}), sign=sign)


def change_manifest(folder, change, *, sign=True):
    manifest = json.loads((folder / MANIFEST_NAME).read_text())
    change(manifest)
    if sign:
        manifest["signature"] = signature_of(manifest)
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest))

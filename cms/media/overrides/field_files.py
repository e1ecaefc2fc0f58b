"""The state of a file field: stored, or with content that the next save stores.

Replaces: no code, but calls `FieldFile._committed` of Django, which is private.
Why no hook serves: the size and the hash of a document have to be set in the same save as its file. Django has no
    public attribute that says whether the file of an instance is new.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/media/test_documents.py.
"""

from django.db.models.fields.files import FieldFile


def has_unsaved_content(file: FieldFile) -> bool:
    """Return True if the file has content that the next save of its instance will store."""
    return bool(file) and not file._committed  # type: ignore[attr-defined]

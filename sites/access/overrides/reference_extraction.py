"""Extraction of the references of an object that need not be saved.

Replaces: no code, but calls `wagtail.models.ReferenceIndex._extract_references_from_object`, which is private.
Why no hook serves: the public methods of ReferenceIndex read the rows of a saved object. Access control has to know
    the references of a page before it is saved, and to which path of the content each belongs.
Written for: Wagtail 8.0.
Upstream issue: none found. https://github.com/wagtail/wagtail/issues/12549 asks to change the same method.
Test that fails when upstream changes: tests/isolation/test_references.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Model
from wagtail.models import ReferenceIndex


class ExtractedReference(NamedTuple):
    """A reference from an object: base content type and key of the target, and the path in the object's content."""

    content_type_id: int
    object_id: str
    content_path: str


def extract_references(instance: Model) -> Iterator[ExtractedReference]:
    """Yield the references in foreign keys, StreamField blocks, rich text and child objects of an instance."""
    for content_type_id, object_id, _model_path, content_path in ReferenceIndex._extract_references_from_object(
        instance
    ):
        yield ExtractedReference(content_type_id, str(object_id), content_path)

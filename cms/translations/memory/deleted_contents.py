"""Deletes from the memory the texts of contents that are deleted, such as the name in a testimonial."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from wagtail.models import Page, get_translatable_models

from cms.translations.models import MemoryPair


def delete_pairs_of_deleted_contents() -> int:
    """Delete the pairs that were used last by a content of which no language is left; return their number."""
    pairs = MemoryPair.objects.filter(content__isnull=False)
    for model in {Page, *(each for each in get_translatable_models() if not issubclass(each, Page))}:
        pairs = pairs.exclude(Exists(model._default_manager.filter(translation_key=OuterRef("content")).order_by()))
    _rows, numbers = pairs.delete()
    return numbers.get(MemoryPair._meta.label, 0)

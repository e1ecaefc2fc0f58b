"""What a department's content refers to and its archive does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model
from wagtail.models import CollectionMember, Page, TranslatableMixin

from cms.archive.archive_file import Row
from cms.archive.reference_rewriting import kind_of
from sites.access.ownership import COLLECTION_PATH_LENGTH, CONTAINER_PATH_LENGTH
from sites.models import Department

UNKNOWN: Row = {"translation_key": None, "locale": None, "file_hash": None, "department": None}


def outside_rows(seen: Mapping[type[Model], set[int]], written: Mapping[type[Model], set[int]]) -> Iterator[Row]:
    """Yield a row for each reference that leads out of the archive: to content of others, or to nothing any more."""
    codes = dict(Department.objects.values_list("container__path", "code"))
    collections = dict(Department.objects.values_list("collection__path", "code"))
    for model in sorted(seen, key=kind_of):
        missing = sorted(seen[model] - written.get(model, set()))
        known = {row["id"]: row for row in _existing(model, missing, codes, collections)}
        for pk in missing:
            yield known.get(pk, UNKNOWN | {"kind": kind_of(model), "id": pk})


def _existing(
    model: type[Model], keys: list[int], codes: Mapping[str, str], collections: Mapping[str, str]
) -> Iterator[Row]:
    row = UNKNOWN | {"kind": kind_of(model)}
    found = model._default_manager.filter(pk__in=keys)
    if issubclass(model, TranslatableMixin):
        paths = dict(found.values_list("pk", "path")) if issubclass(model, Page) else {}
        for pk, translation_key, locale in found.values_list("pk", "translation_key", "locale__language_code"):
            yield row | {
                "id": pk,
                "translation_key": str(translation_key),
                "locale": locale,
                "department": codes.get(paths.get(pk, "")[:CONTAINER_PATH_LENGTH]),
            }
    elif issubclass(model, CollectionMember):
        medium: Any
        for medium in found.select_related("collection"):
            path = medium.collection.path[:COLLECTION_PATH_LENGTH]
            file_hash = getattr(medium, "file_hash", None) or None
            yield row | {"id": medium.pk, "file_hash": file_hash, "department": collections.get(path)}

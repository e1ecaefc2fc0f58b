"""Lists the references to rows that an archive does not contain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model
from wagtail.models import CollectionMember, Page, TranslatableMixin

from cms.archive.archive_file import JsonObject
from cms.archive.reference_rewriting import reference_kind
from sites.access.ownership import COLLECTION_PATH_LENGTH, CONTAINER_PATH_LENGTH
from sites.models import Department

UNKNOWN_TARGET: JsonObject = {"translation_key": None, "locale": None, "file_hash": None, "department": None}


def external_reference_rows(
    referenced_ids: Mapping[type[Model], set[int]], exported_ids: Mapping[type[Model], set[int]]
) -> Iterator[JsonObject]:
    """Yield a row for each reference to a row that the archive does not contain: of another owner, or deleted."""
    codes = dict(Department.objects.values_list("container__path", "code"))
    collections = dict(Department.objects.values_list("collection__path", "code"))
    for model in sorted(referenced_ids, key=reference_kind):
        missing = sorted(referenced_ids[model] - exported_ids.get(model, set()))
        known = {row["id"]: row for row in _existing_targets(model, missing, codes, collections)}
        for pk in missing:
            yield known.get(pk, UNKNOWN_TARGET | {"kind": reference_kind(model), "id": pk})


def _existing_targets(
    model: type[Model], keys: list[int], codes: Mapping[str, str], collections: Mapping[str, str]
) -> Iterator[JsonObject]:
    row = UNKNOWN_TARGET | {"kind": reference_kind(model)}
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

"""What a department's content refers to and its archive does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import Model
from wagtail.models import CollectionMember, Page

from sites.models import Department
from sites.ownership import COLLECTION_PATH_LENGTH, CONTAINER_PATH_LENGTH

from .container import Row
from .references import kind_of


def outside_rows(seen: Mapping[type[Model], set[int]], written: Mapping[type[Model], set[int]]) -> Iterator[Row]:
    """Yield a row for each reference that leads out of the archive: to co-held content, or to nothing any more."""
    codes = dict(Department.objects.values_list("container__path", "code"))
    collections = dict(Department.objects.values_list("collection__path", "code"))
    for model in sorted(seen, key=kind_of):
        missing = sorted(seen[model] - written.get(model, set()))
        known = {row["id"]: row for row in _existing(model, missing, codes, collections)}
        for pk in missing:
            gone = {"kind": kind_of(model), "id": pk, "translation_key": None, "locale": None, "department": None}
            yield known.get(pk, gone)


def _existing(
    model: type[Model], keys: list[int], codes: Mapping[str, str], collections: Mapping[str, str]
) -> Iterator[Row]:
    row = {"kind": kind_of(model), "translation_key": None, "locale": None, "department": None}
    if model is Page:
        columns = ("pk", "translation_key", "locale__language_code", "path")
        found = model._default_manager.filter(pk__in=keys).values_list(*columns)
        for pk, translation_key, locale, path in found:
            yield row | {
                "id": pk,
                "translation_key": str(translation_key),
                "locale": locale,
                "department": codes.get(path[:CONTAINER_PATH_LENGTH]),
            }
    elif issubclass(model, CollectionMember):
        for pk, path in model._default_manager.filter(pk__in=keys).values_list("pk", "collection__path"):
            yield row | {"id": pk, "department": collections.get(path[:COLLECTION_PATH_LENGTH])}

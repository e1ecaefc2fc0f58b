"""Converts rows of a model to JSON objects and back.

Foreign keys to locales, accounts, departments and content types become natural keys: language code, e-mail address,
INSEE code, label. Every other foreign key keeps the primary key of the exporting instance; the import maps it.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Field, FileField, ForeignKey, Model
from django.utils.translation import gettext as _
from wagtail.fields import StreamField
from wagtail.models import Locale

from sites.models import Department

from .archive_file import ArchiveError, JsonObject
from .reference_rewriting import ReferenceMapper, reference_kind, rewrite_field, rewrite_stored_value

# Fields that revisions and translation sources repeat. The import takes them from the restored page.
PAGE_LEVEL_FIELDS = frozenset(
    {
        "pk",
        "path",
        "depth",
        "numchild",
        "url_path",
        "translation_key",
        "locale",
        "content_type",
        "draft_title",
        "live",
        "has_unpublished_changes",
        "owner",
        "locked",
        "locked_at",
        "locked_by",
        "latest_revision",
        "latest_revision_created_at",
        "live_revision",
        "alias_of",
        "wagtail_admin_comments",
        "comments",
    }
)


class NaturalKeys:
    """A cached mapping between primary keys and natural keys of locales, accounts, departments and content types."""

    def __init__(self) -> None:
        self._columns: dict[type[Model], str] = {
            Locale: "language_code",
            get_user_model(): "email",
            Department: "code",
        }
        self._by_pk: dict[type[Model], dict[Any, Any]] = {}
        self._by_name: dict[type[Model], dict[Any, Any]] = {}
        self._addresses: frozenset[str] | None = None

    def limit_accounts(self, addresses: Iterable[str]) -> None:
        """Let other addresses than these, in small letters, be those of nobody."""
        self._addresses = frozenset(addresses)

    def supports(self, model: type[Model]) -> bool:
        return model in self._columns or model is ContentType

    def natural_key(self, model: type[Model], pk: Any) -> str | None:
        """Return the natural key of a row, or None if the row does not exist."""
        if pk is None:
            return None
        if model is ContentType:
            return ".".join(ContentType.objects.get_for_id(pk).natural_key())
        known = self._by_pk.setdefault(model, {})
        if pk not in known:
            known[pk] = model._default_manager.filter(pk=pk).values_list(self._columns[model], flat=True).first()
        return known[pk]

    def primary_key(self, model: type[Model], name: Any) -> Any:
        """Return the primary key of a natural key, or None. E-mail addresses match case-insensitively."""
        if not isinstance(name, str) or not name:
            return None
        if model is ContentType:
            app_label, _dot, model_name = name.partition(".")
            found = ContentType.objects.filter(app_label=app_label, model=model_name).first()
            return found and found.pk
        known = self._by_name.setdefault(model, {})
        column: Any = model._meta.get_field(self._columns[model])
        if len(name) > column.max_length:
            return None  # SQLite fails for longer patterns.
        if model is get_user_model() and self._addresses is not None and name.lower() not in self._addresses:
            return None
        if name not in known:
            lookup = self._columns[model] + ("__iexact" if model is get_user_model() else "")
            known[name] = model._default_manager.filter(**{lookup: name}).values_list("pk", flat=True).first()
        return known[name]


def archived_fields(model: type[Model], excluded: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    """Return the concrete fields of a model and its parents, except primary keys, parent links and `excluded`."""
    return tuple(
        field
        for field in model._meta.concrete_fields
        if field.name not in excluded
        and not field.primary_key
        and not (field.is_relation and getattr(field.remote_field, "parent_link", False))
        and field.name != "id"
    )


def serialize_row(
    instance: Model, fields: Iterable[Field], natural_keys: NaturalKeys, map_reference: ReferenceMapper
) -> JsonObject:
    """Return a row as JSON: `id` and one member for each field, with `map_reference` applied to every reference."""
    return {"id": _json_value(instance.pk)} | {
        field.name: _serialize_value(instance, field, natural_keys, map_reference) for field in fields
    }


def deserialize_row(
    model: type[Model],
    row: JsonObject,
    fields: Iterable[Field],
    natural_keys: NaturalKeys,
    map_reference: ReferenceMapper,
) -> dict[str, Any]:
    """Return the values of a row by attribute name, for an instance of `model`.

    Fields that the row lacks keep the default of the model. Raise ArchiveError for an invalid value.
    """
    values: dict[str, Any] = {}
    for field in fields:
        if field.name not in row:
            continue
        try:
            values[field.attname] = _deserialize_value(field, row[field.name], natural_keys, map_reference)
        except (ValidationError, ValueError, TypeError) as error:
            reasons = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise ArchiveError(
                _("%(model)s %(id)s of the archive: “%(column)s” is not valid: %(reasons)s")
                % {"model": model._meta.label, "id": row.get("id"), "column": field.name, "reasons": reasons}
            ) from error
    return values


def portable_content(
    model: type[Model], content: JsonObject, natural_keys: NaturalKeys, map_reference: ReferenceMapper
) -> JsonObject:
    """Return the content of a revision or translation source with portable references, without page-level fields."""
    return _convert_content(model, content, natural_keys, natural_keys.natural_key, map_reference)


def local_content(
    instance: Model, content: JsonObject, natural_keys: NaturalKeys, map_reference: ReferenceMapper
) -> JsonObject:
    """Return portable content as this instance stores it in a revision or translation source of `instance`."""
    model = type(instance)
    page_level: JsonObject = {"pk": instance.pk} | {
        field.name: _json_value(getattr(instance, field.attname))
        for field in model._meta.concrete_fields
        if field.name in PAGE_LEVEL_FIELDS
    }
    return page_level | local_field_values(model, content, natural_keys, map_reference)


def local_field_values(
    model: type[Model], content: JsonObject, natural_keys: NaturalKeys, map_reference: ReferenceMapper
) -> JsonObject:
    """Return portable content as this instance stores it, without page-level fields."""
    return _convert_content(model, content, natural_keys, natural_keys.primary_key, map_reference)


def _convert_content(
    model: type[Model],
    content: JsonObject,
    natural_keys: NaturalKeys,
    convert_key: Callable[[type[Model], Any], Any],
    map_reference: ReferenceMapper,
) -> JsonObject:
    """Return the content with its references replaced, without page-level and unknown fields.

    `convert_key` replaces foreign keys to models that have natural keys; `map_reference` replaces other references.
    """
    fields = {field.name: field for field in model._meta.concrete_fields if field.name not in PAGE_LEVEL_FIELDS}
    converted: JsonObject = {}
    for name, value in content.items():
        field = fields.get(name)
        if isinstance(field, ForeignKey):
            convert = convert_key if natural_keys.supports(field.related_model) else map_reference
            converted[name] = convert(field.related_model, value) if value else None
        elif field is not None:
            converted[name] = rewrite_stored_value(field, value, map_reference)
    return converted


def _serialize_value(instance: Model, field: Field, natural_keys: NaturalKeys, map_reference: ReferenceMapper) -> Any:
    if isinstance(field, ForeignKey):
        target, pk = field.related_model, getattr(instance, field.attname)
        if natural_keys.supports(target):
            return natural_keys.natural_key(target, pk)
        return None if pk is None else map_reference(target, pk)
    if isinstance(field, StreamField):
        # The stored value, without resolving lazy blocks.
        return rewrite_field(field, field.get_prep_value(getattr(instance, field.name)) or [], map_reference)
    if isinstance(field, FileField):
        return getattr(instance, field.name).name or ""
    return rewrite_field(field, _json_value(getattr(instance, field.attname)), map_reference)


def _deserialize_value(field: Field, value: Any, natural_keys: NaturalKeys, map_reference: ReferenceMapper) -> Any:
    if isinstance(field, ForeignKey):
        target = field.related_model
        if value is None:
            return None
        return (
            natural_keys.primary_key(target, value)
            if natural_keys.supports(target)
            else map_reference(target, _require_integer(value, reference_kind(target)))
        )
    if isinstance(field, StreamField):
        return field.to_python(json.dumps(rewrite_field(field, value, map_reference)))
    converted = field.to_python(rewrite_field(field, value, map_reference))
    if not isinstance(field, FileField):
        field.run_validators(converted)
        # Drafts may lack required values; all others must be among the choices of the field.
        if converted not in field.empty_values:
            field.validate(converted, None)
        elif converted is None and not field.null:
            raise ValidationError(str(field.error_messages["null"]))
    return converted


def _require_integer(value: Any, kind: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is not the id of a {kind}")
    return value


def _json_value(value: Any) -> Any:
    """Return a JSON value. Times are converted to UTC, so that equal moments have equal texts."""
    match value:
        case datetime.datetime():
            return value.astimezone(datetime.UTC).isoformat()
        case datetime.date() | datetime.time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case _:
            return value

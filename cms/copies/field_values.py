"""Field values of pages as JSON, for the comparison and the merge of copies."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey, Model
from django.utils.text import capfirst, normalize_newlines
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from cms.pages.models import ContentPage
from sites.access.references.referable_objects import is_own, is_public, may_refer_to
from sites.html_text import text_of_html

# Fields that place a page on its site. The department of the copy sets them.
NOT_COPIED = frozenset({"slug", "show_in_menus"})
# The rich text editor writes a new key into each paragraph when it saves.
_BLOCK_KEY = re.compile(r'\s*data-block-key="[^"]*"')


def copied_fields(model: type[ContentPage]) -> list[Field]:
    """Return the fields that a copy takes from its origin, in the order of `translatable_fields`."""
    names = [field.field_name for field in model.translatable_fields if field.field_name not in NOT_COPIED]
    return [model._meta.get_field(name) for name in names]


def field_values(page: ContentPage) -> dict[str, Any]:
    """Return the JSON values of a page's copied fields by name."""
    data = json.loads(json.dumps(page.serializable_data(), cls=DjangoJSONEncoder))
    return {
        field.name: json.loads(data[field.name] or "[]") if isinstance(field, StreamField) else data[field.name]
        for field in copied_fields(type(page))
    }


def set_field_value(page: ContentPage, field: Field, value: Any) -> None:
    """Set a field of a page to a JSON value."""
    if isinstance(field, StreamField):
        setattr(page, field.name, field.to_python(json.dumps(value)))
    elif isinstance(field, ForeignKey):
        setattr(page, field.attname, value)
    else:
        setattr(page, field.name, field.to_python(value))


def is_equivalent(one: Any, other: Any) -> bool:
    """Return True if two JSON values are equal, apart from block ids and paragraph keys of the editor."""
    return _normalized(one) == _normalized(other)


def fingerprint(values: dict[str, Any]) -> str:
    """Return the SHA-256 of values, independent of the order of their keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def display_text(field: Field, value: Any) -> str:
    """Return a JSON value as plain text, for the comparison of two values on the screen."""
    if value in (None, "", []):
        return ""
    if isinstance(field, StreamField):
        stream = field.to_python(json.dumps(value))
        return "\n".join(str(text) for text in field.stream_block.get_searchable_content(stream) if text)
    if isinstance(field, RichTextField):
        return text_of_html(value.replace("</p>", "\n").replace("</li>", "\n")).strip()
    if isinstance(field, ForeignKey):
        return _object_text(field.related_model._default_manager.filter(pk=value).first())
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    return normalize_newlines(str(value))


def _object_text(target: Model | None) -> str:
    """Return the name of an object to which a field refers.

    The user reads the name of a page of the owner if it is public; of the owner's files only the kind.
    """
    if target is None or (isinstance(target, Page) and not is_own(target) and not is_public(target)):
        return ""
    is_named = isinstance(target, Page) or may_refer_to(target)
    return str(target) if is_named else capfirst(str(target._meta.verbose_name))


def _normalized(value: Any) -> Any:
    match value:
        case str():
            return _BLOCK_KEY.sub("", value)
        case dict():
            return {key: _normalized(part) for key, part in value.items() if key != "id" and part not in (None, "")}
        case list():
            return [_normalized(part) for part in value]
    return value

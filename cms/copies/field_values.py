"""Field values of pages as JSON: what is compared, taken over and kept of a copy's origin."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey
from django.utils.html import strip_tags
from django.utils.text import normalize_newlines
from wagtail.fields import RichTextField, StreamField

from cms.pages.models import ContentPage

# Where a page stands on its site is its own department's affair.
NOT_COPIED = frozenset({"slug", "show_in_menus"})
# The editor gives each paragraph a key of its own when it saves.
_EDITORS_KEY = re.compile(r'\s*data-block-key="[^"]*"')


def copied_fields(model: type[ContentPage]) -> list[Field]:
    """Return the fields that a copy takes over: all content of a page, in the order of the form."""
    names = [each.field_name for each in model.translatable_fields if each.field_name not in NOT_COPIED]
    return [model._meta.get_field(name) for name in names]


def field_values(page: ContentPage) -> dict[str, Any]:
    """Return the values of a page's copied fields by name, as JSON has them."""
    data = json.loads(json.dumps(page.serializable_data(), cls=DjangoJSONEncoder))
    return {
        field.name: json.loads(data[field.name] or "[]") if isinstance(field, StreamField) else data[field.name]
        for field in copied_fields(type(page))
    }


def set_field_value(page: ContentPage, field: Field, value: Any) -> None:
    """Set a field from its JSON value."""
    if isinstance(field, StreamField):
        setattr(page, field.name, field.to_python(json.dumps(value)))
    elif isinstance(field, ForeignKey):
        setattr(page, field.attname, value)
    else:
        setattr(page, field.name, field.to_python(value))


def is_equivalent(one: Any, other: Any) -> bool:
    """Whether two JSON values say the same, whatever the editor wrote into them for itself."""
    return _normal(one) == _normal(other)


def fingerprint(values: dict[str, Any]) -> str:
    """Return a hash of values, to tell whether they are still those that somebody was shown."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def display_text(field: Field, value: Any) -> str:
    """Return what a value says in words, for people who compare it with another."""
    if value in (None, "", []):
        return ""
    if isinstance(field, StreamField):
        stream = field.to_python(json.dumps(value))
        return "\n".join(str(text) for text in field.stream_block.get_searchable_content(stream) if text)
    if isinstance(field, RichTextField):
        return strip_tags(value.replace("</p>", "\n").replace("</li>", "\n")).strip()
    if isinstance(field, ForeignKey):
        target = field.related_model._default_manager.filter(pk=value).first()
        return str(target or "")
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    return normalize_newlines(str(value))


def _normal(value: Any) -> Any:
    match value:
        case str():
            return _EDITORS_KEY.sub("", value)
        case dict():
            return {key: _normal(part) for key, part in value.items() if key != "id" and part not in (None, "")}
        case list():
            return [_normal(part) for part in value]
    return value

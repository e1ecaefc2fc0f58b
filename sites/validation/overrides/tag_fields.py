"""Form fields of tags that take a limited number, in every form: each tag takes about ten queries and a row.

Replaces: `clean` of taggit's `TagField`, from which Wagtail's field is derived, by a function that refuses too many and
    too long tags and then calls the original.
Why no hook serves: the number of tags has no setting, and the forms of images, documents, choosers, uploads and the
    API make their fields themselves.
Written for: django-taggit 6.1, Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/media/test_tags.py.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from taggit.forms import TagField
from taggit.models import TagBase

MAX_TAGS = 50
MAX_TAG_LENGTH = TagBase._meta.get_field("name").max_length  # characters
# With quotation marks and separators. A longer text is not divided at all.
MAX_TEXT_LENGTH = MAX_TAGS * (MAX_TAG_LENGTH + 4)


def limit_tags() -> None:
    """Let all form fields of tags refuse more than MAX_TAGS. To be called once, before a field is used."""
    original = TagField.clean

    @wraps(original)
    def clean(field: TagField, value: Any) -> Any:
        if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
            raise too_many_tags()
        tags = original(field, value)
        if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG_LENGTH for tag in tags):
            raise too_many_tags()
        return tags

    TagField.clean = clean


def too_many_tags() -> ValidationError:
    """Return the error that names both limits."""
    message = _("At most %(number)d tags are possible, each with at most %(length)d characters.")
    return ValidationError(message, code="too_many_tags", params={"number": MAX_TAGS, "length": MAX_TAG_LENGTH})

"""The maximum size of a document. Each reader, each list of the API and each index loads documents whole.

The limit of the page (`cms.pages.models.base`) does not hold for its document, in which each reference is a card, an
image or the texts of a snippet. These change after the publication, by other departments too: the form therefore
accepts a page with room to grow only.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DatabaseError
from django.db.models import Model, TextField
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField

from cms.pages.models import ContentPage, Organisation, Person
from sites.models import Department

from .document_data import serialize_page
from .page_batch import PageBatch
from .related_objects import RelatedObjects

logger = logging.getLogger(__name__)

# A page of the maximum size has documents of less than half of it, unless it repeats images, pages or snippets.
MAX_BYTES = 1_000_000
# The size of a page that a form publishes. The rest is for longer cards, text alternatives and names, and for accents.
MAX_BYTES_OF_FORM = 800_000


class DocumentTooLargeError(ValueError):
    """Raised for a document of more than MAX_BYTES."""


class GrowingText(str):
    """A text of a snippet that counts with the characters that it may have at most."""

    maximum: int

    def __new__(cls, text: str, maximum: int) -> GrowingText:
        new = super().__new__(cls, text)
        new.maximum = maximum
        return new


class GrowingObjects(RelatedObjects):
    """Related objects whose long texts are of the class GrowingText."""

    def _read(self, model: type[Model], keys: set[Any]) -> Iterable[Model]:
        instances = super()._read(model, keys)
        if model not in (Organisation, Person):
            return instances
        texts = [field for field in model._meta.concrete_fields if isinstance(field, TextField) and field.max_length]
        instances = list(instances)
        for instance in instances:
            for field in texts:
                setattr(instance, field.attname, GrowingText(getattr(instance, field.attname), field.max_length or 0))
        return instances


def refuse_large_document(data: dict[str, Any]) -> None:
    """Raise DocumentTooLargeError for a document whose JSON has more than MAX_BYTES, without encoding it."""
    if size_of(data, MAX_BYTES) > MAX_BYTES:
        raise DocumentTooLargeError(f"the document has more than {MAX_BYTES} bytes")


def size_of(data: Any, enough: int | None = None) -> int:
    """Return the number of bytes of a value as JSON; some number above `enough` if it has more.

    The value is not encoded as a whole: a text that it repeats is one object in memory, and would be copied for each
    repetition.
    """
    size = 0
    pending: list[Any] = [data]
    while pending and (enough is None or size <= enough):
        value = pending.pop()
        match value:
            case dict():
                pending += value.keys()
                pending += value.values()
                size += 2
            case list():
                pending += value
                size += 2
            case GrowingText():
                size += max(len(value.encode()), value.maximum) + 2
            case str():
                # A text beyond the limit is not encoded: its characters are enough.
                size += len(value.encode()) if len(value) <= MAX_BYTES else len(value)
                size += 2
            case _:
                size += len(str(value))
        size += 1  # The colon or comma after it.
    return size


def refuse_large_page(page: ContentPage, department: Department) -> None:
    """Raise ValidationError if a page, which a form will publish in a department, has too large a document.

    The texts of organisations and people count with their maximum length. Takes a fixed number of queries, as the
    publication does (setting PUBLICATION_CHECK). A page that cannot be serialized is left to the publication, which
    reports the error.
    """
    # A copy, since the objects that the form has loaded would take a query each for those that they show.
    copy = type(page).from_serializable_data(page.serializable_data(), check_fks=False)
    copy.owner_id_of_tree = department.pk  # As `load_pages` annotates it: a new page has no tree path yet.
    try:
        serialized, _context = serialize_page(copy, PageBatch([copy], objects=GrowingObjects()))
    except DatabaseError:
        raise
    except Exception:
        logger.exception("page %s could not be serialized before its publication", page.pk)
        return
    if size_of(serialized, MAX_BYTES_OF_FORM) <= MAX_BYTES_OF_FORM:
        return
    part, share = longest_part(copy, serialized["content"])
    message = _(
        "With the images, pages, people and organisations that it shows, the page may grow to %(size)s characters; at "
        "most %(number)s are allowed. Descriptions of organisations and people count with their maximum length. The "
        "longest part is “%(part)s”, with %(share)s: divide the page into several pages."
    )
    numbers = {"size": size_of(serialized), "number": MAX_BYTES_OF_FORM, "share": share}
    written = {name: number_format(number, force_grouping=True) for name, number in numbers.items()}
    raise ValidationError(message, params={**written, "part": part})


def longest_part(page: ContentPage, content: dict[str, Any]) -> tuple[str, int]:
    """Return the name and the size of the longest field of a document, or of its blocks of one type in this field."""
    parts: list[tuple[str, int]] = []
    for key, value in content.items():
        field = _field(page, key)
        label = capfirst(str(getattr(field, "verbose_name", key)))
        types = field.stream_block.child_blocks if isinstance(field, StreamField) else {}
        by_type: defaultdict[str, list[Any]] = defaultdict(list)
        for each in value if isinstance(value, list) else ():
            by_type[each["type"] if isinstance(each, dict) and each.get("type") in types else ""].append(each)
        for name, members in by_type.items():
            members_label = f"{label} › {types[name].label}" if name else label
            parts.append((f"{members_label} ({len(members)})", size_of(members)))
        if not by_type:
            parts.append((label, size_of(value)))
    return max(parts, key=lambda part: part[1])


def _field(page: ContentPage, key: str) -> Any:
    try:
        return page._meta.get_field(key)
    except FieldDoesNotExist:
        return None

"""The texts of an incomplete translation that are in the source language, and where its document shows them.

A segment is named by its field or block, and the document has the shape of docs/document.md. Marks around the texts of
the page pass through its serializer, so that no table says where each field is shown.
"""

from __future__ import annotations

import copy
from typing import Any

from wagtail.blocks import StreamValue
from wagtail.models import Page
from wagtail_localize.strings import StringValue, extract_strings, restore_strings

from cms.translations.models import TranslatedRevision
from cms.translations.progress.segments import segment_digest

# Noncharacters, which Unicode reserves for internal use. No text of a page contains them.
START, END = "\ufdd0", "\ufdd1"
# A name in an address, not a text that is read.
UNMARKED_FIELDS = frozenset({"slug"})


def with_marks(page: Page, record: TranslatedRevision) -> Page:
    """Return a copy of a translated page in which marks surround the texts in the source language. No query."""
    digests = record.untranslated_digests
    marked = copy.copy(page)
    for path in record.untranslated_paths:
        field, *keys = path.split(".")
        if field in UNMARKED_FIELDS or not hasattr(page, field):
            continue
        value = getattr(marked, field)
        if isinstance(value, StreamValue):
            raw = copy.deepcopy(list(value.raw_data))
            _mark_below(raw, keys, path, digests)
            setattr(marked, field, StreamValue(value.stream_block, raw, is_lazy=True))
        elif isinstance(value, str) and not keys:
            setattr(marked, field, _marked(value, path, digests))
    return marked


def without_marks(value: Any, language: str, pointer: str = "") -> tuple[Any, list[str]]:
    """Return a part of a document without marks, and the JSON pointers (RFC 6901) of the texts that had some.

    In HTML an element with the attribute `lang` takes the place of the marks.
    """
    match value:
        case dict():
            parts = {key: without_marks(part, language, f"{pointer}/{key}") for key, part in value.items()}
            return {key: part for key, (part, _) in parts.items()}, [
                each for _, found in parts.values() for each in found
            ]
        case list():
            items = [without_marks(part, language, f"{pointer}/{index}") for index, part in enumerate(value)]
            return [part for part, _ in items], [each for _, found in items for each in found]
        case str() if START in value:
            return _without_marks(value, language), [pointer]
    return value, []


def _without_marks(text: str, language: str) -> str:
    plain = text.removeprefix(START).removesuffix(END)
    return plain.replace(START, f'<span lang="{language}">').replace(END, "</span>")


def _mark_below(parent: list[Any] | dict[str, Any], keys: list[str], path: str, digests: frozenset[str]) -> None:
    """Mark the text below a raw value of a StreamField: the members of a list have ids, those of a structure names."""
    key, *rest = keys
    if isinstance(parent, list):
        member = next((each for each in parent if isinstance(each, dict) and each.get("id") == key), None)
        parent, key = member or {}, "value"
    value = parent.get(key)
    if isinstance(value, str) and not rest:
        parent[key] = _marked(value, path, digests)
    elif isinstance(value, list | dict) and rest:
        _mark_below(value, rest, path, digests)


def _marked(text: str, path: str, digests: frozenset[str]) -> str:
    """Return a plain or rich text with marks around what is in the source language."""
    if segment_digest(path, StringValue.from_plaintext(text).data) in digests:
        return START + text + END
    if "<" not in text:
        return text
    template, strings = extract_strings(text)
    marked = [
        (StringValue(START + string.data + END) if segment_digest(path, string.data) in digests else string, attributes)
        for string, attributes in strings
    ]
    return text if marked == strings else restore_strings(template, marked)

"""The texts of an incomplete translation that are in the source language, and where its document shows them.

A segment is named by its field or block, and the document has the shape of docs/document.md. Marks around the texts of
the page pass through its serializer, so that no table says where each field is shown.
"""

from __future__ import annotations

import copy
import datetime
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.db.models import F
from wagtail.blocks import StreamValue
from wagtail.models import Page
from wagtail.query import PageQuerySet
from wagtail_localize.strings import StringValue, extract_strings, restore_strings

from cms.translations.models import TranslatedRevision
from cms.translations.progress.revision_records import record_of_source_texts
from cms.translations.progress.segments import segment_digest

# Noncharacters, which Unicode reserves for internal use. No text of a page contains them.
START, END = "\ufdd0", "\ufdd1"
# A name in a URL, not a text that is read.
UNMARKED_FIELDS = frozenset({"slug"})

PAGES_LOADED_AT_ONCE = 10

logger = logging.getLogger(__name__)

# Records of aliases in another language, by page and the time of its last publication.
AliasVersion = tuple[int, datetime.datetime | None]
_alias_records: ContextVar[dict[AliasVersion, TranslatedRevision] | None] = ContextVar("alias_records", default=None)
# Marked texts by the digests of the untranslated segments, then by content path and text.
_prepared: ContextVar[dict[frozenset[str], dict[tuple[str, str], str]] | None] = ContextVar("prepared", default=None)


@contextmanager
def prepared_marks(page_ids: Sequence[int], seconds: float | None = None) -> Iterator[set[int]]:
    """Compute the marks of incomplete translations and of aliases in another language, for use within the context.

    wagtail-localize takes seconds to divide the texts of a large page. It is called before the lock of the feed, for
    which all departments wait; what has changed by then is computed under the lock. Two queries without such pages.

    The pages are prepared in their order until `seconds` have passed, at least one. Yields those that are left.
    """
    token, alias_token = _prepared.set({}), _alias_records.set({})
    try:
        yield _prepare(page_ids, seconds)
    finally:
        _prepared.reset(token)
        _alias_records.reset(alias_token)


def aliases_in_another_language() -> PageQuerySet:
    """Return the aliases whose text is not in their language. wagtail-localize makes them above a translated page."""
    aliases: PageQuerySet = Page.objects.filter(alias_of__isnull=False).exclude(locale=F("alias_of__locale"))
    return aliases


def record_of_alias(page: Page) -> TranslatedRevision:
    """Return the record of an alias in another language: each of its texts is in the language of its original."""
    known = _alias_records.get()
    version = page.pk, page.last_published_at
    if known is None:
        return record_of_source_texts(page)
    if version not in known:
        known[version] = record_of_source_texts(page)
    return known[version]


def _prepare(page_ids: Sequence[int], seconds: float | None) -> set[int]:
    """Prepare pages, and return the ids of those for which the time is too short."""
    aliases = set(aliases_in_another_language().filter(pk__in=page_ids, live=True).values_list("pk", flat=True))
    revisions = Page.objects.filter(pk__in=page_ids, live=True).values("live_revision")
    records = {
        record.pk: record for record in TranslatedRevision.objects.filter(pk__in=revisions) if record.untranslated
    }
    incomplete = set()
    if records:
        incomplete = set(Page.objects.filter(pk__in=page_ids, live_revision__in=records).values_list("pk", flat=True))
    waiting = [page_id for page_id in dict.fromkeys(page_ids) if page_id in aliases | incomplete]
    end = math.inf if seconds is None else time.monotonic() + seconds
    while waiting:
        # Some at a time, because the texts of all would take much memory.
        loaded = Page.objects.specific().in_bulk(waiting[:PAGES_LOADED_AT_ONCE])
        for page_id in waiting[:PAGES_LOADED_AT_ONCE]:
            waiting.remove(page_id)
            if page_id in loaded:
                page = loaded[page_id]
                _prepare_page(
                    page, record_of_alias if page_id in aliases else lambda each: records[each.live_revision_id]
                )
            if time.monotonic() > end:
                return set(waiting)
    return set()


def _prepare_page(page: Page, record_of: Callable[[Page], TranslatedRevision]) -> None:
    try:
        with_marks(page, record_of(page))
    except DatabaseError:
        raise
    except Exception:  # Reported where the document is written.
        logger.exception("the untranslated texts of page %s cannot be marked", page.pk)


def with_marks(page: Page, record: TranslatedRevision) -> Page:
    """Return a copy of a translated page in which marks surround the texts in the source language. No query.

    Takes linear time: the lock of the feed may be held meanwhile, for which all departments wait.
    """
    digests = record.untranslated_digests
    prepared = _prepared.get()
    known = {} if prepared is None else prepared.setdefault(digests, {})

    def mark(text: str, path: str) -> str:
        if (path, text) not in known:
            known[path, text] = _marked(text, path, digests)
        return known[path, text]

    marked = copy.copy(page)
    streams: dict[str, _RawStream] = {}
    for path in record.untranslated_paths:
        field, *keys = path.split(".")
        if field in UNMARKED_FIELDS or not hasattr(page, field):
            continue
        value = getattr(page, field)
        if isinstance(value, StreamValue):
            if field not in streams:
                streams[field] = _RawStream(value)
            streams[field].change(keys, partial(mark, path=path))
        elif isinstance(value, str) and not keys:
            setattr(marked, field, mark(value, path))
    for field, stream in streams.items():
        setattr(marked, field, StreamValue(stream.block, stream.data, is_lazy=True))
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


class _RawStream:
    """A copy of the raw value of a StreamField, with the members of each of its lists by their ids."""

    def __init__(self, value: StreamValue) -> None:
        self.block = value.stream_block
        self.data: list[Any] = copy.deepcopy(list(value.raw_data))
        # By the identity of the list, which `data` keeps.
        self._members: dict[int, dict[Any, Any]] = {}

    def change(self, keys: list[str], changed: Callable[[str], str]) -> None:
        """Change the text at a content path: members of a list are named by id, those of a structure by name."""
        parent: Any = self.data
        for number, key in enumerate(keys, start=1):
            name = key
            if isinstance(parent, list):
                parent, name = self._member(parent, key), "value"
            if not isinstance(parent, dict):
                return
            value = parent.get(name)
            if number == len(keys) and isinstance(value, str):
                parent[name] = changed(value)
            parent = value

    def _member(self, members: list[Any], key: str) -> Any:
        """Return the member of a list with this id, or None."""
        if id(members) not in self._members:
            # The first one of those with the same id.
            by_id = {each.get("id"): each for each in reversed(members) if isinstance(each, dict)}
            self._members[id(members)] = by_id
        return self._members[id(members)].get(key)


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

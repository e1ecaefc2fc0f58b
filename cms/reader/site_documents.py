"""Queries for the published documents of a site: by path, for the menu, for lists. Their number is constant."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cms.content_types.document_type import DocumentType, ListOrder
from cms.content_types.registry import get_document_type
from cms.delivery.models import PublishedDocument
from cms.delivery.models.stored_json import list_value
from sites.models import Department
from sites.unicode_forms import normalise

if TYPE_CHECKING:
    from typing import TypedDict

    from django_stubs_ext import WithAnnotations

    class SitePath(TypedDict):
        site_path: str

    PlacedDocument = WithAnnotations[PublishedDocument, SitePath]

PAGE_SIZE = 12


def documents_on_site(department: Department) -> QuerySet[PlacedDocument]:
    """Return the public documents on a department's site, annotated with `site_path`, their path on that site."""
    return PublishedDocument.objects.public().on_site_of(department).annotate(site_path=F("placements__path"))


def find_document(department: Department, path: str) -> PlacedDocument | None:
    """Return the public document at a path of a department's site, or None.

    While two pages swap their slugs, two documents have the same path. The department's own document takes
    precedence, then the newer one.
    """
    if "\x00" in path:  # PostgreSQL raises an error for NUL in a text.
        return None
    documents = documents_on_site(department).filter(site_path=path).select_related("department__site")
    return documents.order_by("-placements__is_canonical", "-sequence").first()


@dataclass(frozen=True)
class NavigationEntry:
    """An entry of the menu or the breadcrumb."""

    title: str
    path: str
    in_menu: bool

    @property
    def is_home(self) -> bool:
        return self.path.count("/") == 2

    @property
    def is_top_level(self) -> bool:
        """True if the page is a child of the home: `/fr/evenements/`."""
        return self.path.count("/") == 3


def menu_and_ancestors(
    department: Department, locale: str, path: str
) -> tuple[list[NavigationEntry], list[NavigationEntry]]:
    """Return the menu of a site in one locale, and the ancestors of `path` from the home down. One query."""
    components = path.strip("/").split("/")
    ancestor_paths = ["/" + "/".join(components[:depth]) + "/" for depth in range(1, len(components))]
    rows = (
        documents_on_site(department)
        .filter(Q(in_menu=True) | Q(site_path__in=ancestor_paths), locale=locale)
        .order_by("tree_path")
        .values_list("title", "site_path", "in_menu")
    )
    entries = [NavigationEntry(*row) for row in rows]
    menu = [entry for entry in entries if entry.in_menu and entry.is_top_level]
    ancestors = sorted((entry for entry in entries if entry.path in ancestor_paths), key=lambda entry: len(entry.path))
    return menu, ancestors


@dataclass(frozen=True)
class ListEntry:
    """The values by which a list is sorted. Documents are fetched only for one page of a list."""

    pk: int
    type: str
    title: str
    over_at: datetime.datetime | None
    start: str
    first_published_at: str

    def is_over(self, now: datetime.datetime) -> bool:
        """Return True for a document with dates whose last day has ended in the time zone of its owner."""
        return self.over_at is not None and self.over_at <= now


def list_entries(department: Department, locale: str, types: Iterable[str]) -> dict[str, list[ListEntry]]:
    """Return the entries of a site's lists by type, each list in the order that its type declares. One query."""
    documents = documents_on_site(department).filter(locale=locale, type__in=set(types)).order_by("pk")
    rows = documents.values_list("pk", "type", "title", "over_at", "list_values")
    lists: dict[str, list[ListEntry]] = {}
    for pk, name, title, over_at, values in rows:
        start, published = list_value(values, "start"), list_value(values, "first_published_at")
        entry = ListEntry(pk, name, title, over_at, start, published)
        lists.setdefault(entry.type, []).append(entry)
    return {name: _in_order(get_document_type(name), entries) for name, entries in lists.items()}


def _in_order(document_type: DocumentType, entries: list[ListEntry]) -> list[ListEntry]:
    match document_type.list_order:
        case ListOrder.UPCOMING_FIRST:
            now = timezone.now()
            upcoming = [entry for entry in entries if not entry.is_over(now)]
            past = [entry for entry in entries if entry.is_over(now)]
            return sorted(upcoming, key=lambda entry: entry.start) + sorted(
                past, key=lambda entry: entry.start, reverse=True
            )
        case ListOrder.TITLE:
            return sorted(entries, key=lambda entry: _sort_key(entry.title))
    return sorted(entries, key=lambda entry: entry.first_published_at, reverse=True)


def _sort_key(text: str) -> str:
    """Return a text without case and accents; databases sort "é" differently."""
    return "".join(c for c in normalise("NFKD", text.casefold()) if not unicodedata.combining(c))


def fetch_documents(department: Department, entries: Iterable[ListEntry]) -> Iterator[tuple[ListEntry, dict[str, Any]]]:
    """Return (entry, document with `site_path`) for each entry whose document exists, in their order. One query."""
    entries = list(entries)
    rows = documents_on_site(department).filter(pk__in=[entry.pk for entry in entries])
    documents = {row.pk: {**data, "site_path": row.site_path} for row in rows if (data := row.data)}
    return ((entry, documents[entry.pk]) for entry in entries if entry.pk in documents)


@dataclass(frozen=True)
class SectionEntry:
    """A section of a site: its title, its path there, and the type of document that it lists."""

    title: str
    path: str
    lists: str


def section_entries(department: Department, locale: str) -> list[SectionEntry]:
    """Return the sections of a site in one locale, in tree order. One query."""
    sections = documents_on_site(department).filter(locale=locale, type="section").order_by("tree_path")
    rows = sections.values_list("title", "site_path", "list_values")
    return [SectionEntry(title, path, list_value(values, "lists")) for title, path, values in rows]


def paths_by_locale(department: Department, document: PublishedDocument) -> dict[str, str]:
    """Return {locale: path} of the public locales of a content on a department's site. One query."""
    rows = documents_on_site(department).filter(content_id=document.content_id)
    return dict(rows.values_list("locale", "site_path"))

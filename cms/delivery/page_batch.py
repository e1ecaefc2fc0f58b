"""A batch of pages with all related data that their documents need, loaded in a fixed number of queries."""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.db.models import Exists, Subquery
from django.db.models.fields.files import FieldFile
from django.utils import timezone, translation
from wagtail.models import Page, PageViewRestriction
from wagtail_localize.models import Translation

from cms.content_types.registry import is_declared
from cms.media.file_visibility import restricted_collections
from cms.pages.models import ContentPage, CopyOrigin
from cms.pages.models.base import content_path
from cms.pages.serializers import serialize
from sites.access.ownership import container_path, departments_by_container_path
from sites.access.querysets import enclosing
from sites.models import Department, Sharing

from .models import PublishedDocument
from .page_references import pages_referenced_by
from .placement import PlannedPlacement, path_on_other_site

CARD_KEYS = ("id", "type", "locale", "department", "title", "summary", "path", "url", "image")


def load_pages(page_ids: Iterable[int]) -> list[Page]:
    """Return the specific pages, annotated with their visibility: `owner_id_of_tree` and `is_restricted`.

    Both are read in the same statement as the page. Between two statements a move could renumber the tree paths that
    are compared, and a private page would be taken for a public one.
    """
    restrictions = enclosing(PageViewRestriction.objects.all(), "page__path", "path")
    owners = enclosing(Department.objects.all(), "container__path", "path").values("pk")
    pages = Page.objects.filter(pk__in=page_ids).annotate(
        is_restricted=Exists(restrictions), owner_id_of_tree=Subquery(owners[:1])
    )
    return list(pages.specific().prefetch_related("locale"))


class PageBatch:
    """A batch of pages with their related data. It computes visibility, planned placements and documents."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = list(pages)
        self.now = timezone.now()
        self._departments_by_path = departments_by_container_path()
        self.departments = {department.pk: department for department in self._departments_by_path.values()}
        keys = {page.translation_key for page in self.pages}
        self.siblings = self._load_siblings(keys)
        self.sharings = self._load_sharings(keys)
        self.copies = {
            copy.content_key: copy for copy in CopyOrigin.objects.filter(content_key__in=keys).select_related("sharing")
        }
        self.origins = self._load_origins()
        self.source_locales = self._load_source_locales(keys)
        self._cards: dict[int, dict[str, dict[str, Any]]] = {}
        self._load_cards(pages_referenced_by(page.pk for page in self.pages))

    @cached_property
    def private_collections(self) -> frozenset[int]:
        """Ids of the restricted collections and of those inside them."""
        return frozenset(restricted_collections().values_list("pk", flat=True))

    def department_of(self, page: Page) -> Department | None:
        """Return the department that owns a page, or None outside every department."""
        if hasattr(page, "owner_id_of_tree"):
            return self.departments.get(page.owner_id_of_tree)
        return self._departments_by_path.get(container_path(page.path))  # A draft does not come from `load_pages`.

    def owner_of(self, page: Page) -> Department:
        """Return the department that owns a page; raise LookupError outside every department."""
        department = self.department_of(page)
        if department is None:
            raise LookupError(f"page {page.pk} belongs to no department")
        return department

    def is_public(self, page: Page) -> bool:
        """Return True if the page may have a published document now."""
        department = self.department_of(page)
        if department is None or not is_declared(type(page)) or not page.live or page.is_restricted:
            return False
        end, copy = public_until(page), self.copies.get(page.translation_key)
        return (
            page.may_be_public
            and page.locale_id in _locale_ids(department)
            and (end is None or end > self.now)
            and (copy is None or copy.is_in_force)
        )

    def planned_placements(self, page: ContentPage) -> list[PlannedPlacement]:
        """Return the placements that the document of a page should have, the owner's first."""
        owner = self.owner_of(page)
        locale = page.locale.language_code
        path = content_path(page.url_path, locale)
        document = self.siblings[page.translation_key].get(locale)
        planned = [PlannedPlacement(owner, path)]
        for sharing in self.sharings[page.translation_key]:
            receiver = self.departments[sharing.department_id]
            # A sharing ends when the page moves to another owner.
            if sharing.owner_id == owner.pk and page.locale_id in _locale_ids(receiver):
                receiver_path = path_on_other_site(receiver, path, owner, document)
                planned.append(PlannedPlacement(receiver, receiver_path, sharing))
        return planned

    def document(
        self, page: ContentPage, planned: list[PlannedPlacement] | None = None
    ) -> tuple[dict[str, Any], DocumentContext]:
        """Return the document of a page (docs/document.md) and the context in which it was serialised.

        `planned` is the result of `planned_placements`; if it is None, this method computes it.
        """
        department = self.owner_of(page)
        context = DocumentContext(self, page, department)
        locale = page.locale.language_code
        with translation.override(locale):  # Labels are in the language of the document, not of its publisher.
            serialized = serialize(page, context)
        planned = planned or self.planned_placements(page)
        path = planned[0].path
        siblings = [sibling for sibling in self.siblings[page.translation_key].values() if sibling.locale != locale]
        data = {
            "id": str(page.translation_key),
            "type": serialized["type"],
            "locale": locale,
            "department": department.slug,
            "departments": [placement.department.slug for placement in planned],
            "holders": [placement.holder() for placement in planned],
            "title": serialized["title"],
            "slug": serialized["slug"],
            "path": path,
            "url": context.absolute_url(path),
            "summary": serialized["summary"],
            "image": serialized["image"],
            "first_published_at": _timestamp(page.first_published_at),
            "last_published_at": _timestamp(page.last_published_at),
            "origin": self._origin(page),
            "translation": self._translation(page, department, siblings),
            "alternates": [
                {key: sibling_card[key] for key in ("locale", "title", "path", "url")}
                for sibling_card in sorted(
                    (json.loads(sibling.card) for sibling in siblings if self._is_readable(sibling)),
                    key=lambda card: card["locale"],
                )
            ],
            "content": serialized["content"],
        }
        return data, context

    def _origin(self, page: ContentPage) -> dict[str, Any] | None:
        """Return the `origin` of a copy, without title and URL while it is not public; None for other pages."""
        copy = self.copies.get(page.translation_key)
        if copy is None or copy.sharing is None:
            return None
        owner = self.departments[copy.sharing.owner_id]
        documents = self.origins[copy.origin_key]
        document = documents.get(page.locale.language_code) or next(iter(documents.values()), None)
        card = json.loads(document.card) if document is not None else {"title": "", "url": ""}
        return {"department": owner.slug, "name": owner.name, "title": card["title"], "url": card["url"]}

    def card(self, page_id: int, locale: str) -> dict[str, Any] | None:
        """Return the Card of a page in a locale, else in the page's own locale, or None if it is not published."""
        if page_id not in self._cards:
            self._load_cards({page_id})
        cards = self._cards[page_id]
        return cards.get(locale) or cards.get("")

    def _translation(
        self, page: ContentPage, department: Department, siblings: list[PublishedDocument]
    ) -> dict[str, Any]:
        """Return `translation` of docs/document.md."""
        locale = page.locale.language_code
        source_locale = self.source_locales.get((page.translation_key, locale))
        if source_locale is None:
            # Made without wagtail-localize: the version in the department's source language is the original.
            department_source = next(
                language.locale.language_code for language in department.department_locales.all() if language.is_source
            )
            has_original = any(sibling.locale == department_source for sibling in siblings)
            source_locale = department_source if has_original else locale
        if source_locale == locale:
            return {"status": "original", "source_locale": locale, "source_url": ""}
        source = self.siblings[page.translation_key].get(source_locale)
        source_url = json.loads(source.card)["url"] if source is not None and self._is_readable(source) else ""
        return {"status": "translated", "source_locale": source_locale, "source_url": source_url}

    def _is_readable(self, document: PublishedDocument) -> bool:
        return not document.is_withdrawn and (document.expires_at is None or document.expires_at > self.now)

    @staticmethod
    def _load_siblings(keys: set[UUID]) -> defaultdict[UUID, dict[str, PublishedDocument]]:
        siblings: defaultdict[UUID, dict[str, PublishedDocument]] = defaultdict(dict)
        for document in PublishedDocument.objects.filter(content_id__in=keys).prefetch_related("placements", "files"):
            siblings[document.content_id][document.locale] = document
        return siblings

    @staticmethod
    def _load_sharings(keys: set[UUID]) -> defaultdict[UUID, list[Sharing]]:
        sharings: defaultdict[UUID, list[Sharing]] = defaultdict(list)
        for sharing in Sharing.objects.placed().filter(content_key__in=keys).order_by("accepted_at", "pk"):
            sharings[sharing.content_key].append(sharing)
        return sharings

    def _load_origins(self) -> defaultdict[UUID, dict[str, PublishedDocument]]:
        """Load the public documents of the origins of copies, by content and locale, the original first."""
        origins: defaultdict[UUID, dict[str, PublishedDocument]] = defaultdict(dict)
        keys = {copy.origin_key for copy in self.copies.values()}
        if keys:
            public = PublishedDocument.objects.public().filter(content_id__in=keys).order_by("-is_original", "pk")
            for document in public.only("content_id", "locale", "card"):
                origins[document.content_id][document.locale] = document
        return origins

    @staticmethod
    def _load_source_locales(keys: set[UUID]) -> dict[tuple[UUID, str], str]:
        rows = Translation.objects.filter(source__object_id__in=keys).values_list(
            "source__object_id", "target_locale__language_code", "source__locale__language_code"
        )
        return {(key, target): source for key, target, source in rows}

    def _load_cards(self, page_ids: set[int]) -> None:
        """Load the cards of pages by locale; the key "" has the card of the referenced page itself."""
        self._cards.update({page_id: {} for page_id in page_ids})
        content_by_page = dict(
            PublishedDocument.objects.filter(page_id__in=page_ids).values_list("page_id", "content_id")
        )
        by_content: defaultdict[UUID, list[PublishedDocument]] = defaultdict(list)
        public = PublishedDocument.objects.public().filter(content_id__in=set(content_by_page.values()))
        for document in public.only("content_id", "locale", "page_id", "card"):
            by_content[document.content_id].append(document)
        for page_id, content_id in content_by_page.items():
            for document in by_content[content_id]:
                card = json.loads(document.card)
                self._cards[page_id][document.locale] = card
                if document.page_id == page_id:
                    self._cards[page_id][""] = card


class DocumentContext:
    """The `cms.pages.serializers.SerializerContext` of one page of a batch."""

    def __init__(self, batch: PageBatch, page: ContentPage, department: Department) -> None:
        self._batch = batch
        self._locale = page.locale.language_code
        self._root_url = department.site.root_url
        self.refresh_due_at: datetime.datetime | None = None
        self.file_names: set[str] = set()

    def absolute_url(self, url: str) -> str:
        return urljoin(self._root_url + "/", url)

    def file_url(self, file: FieldFile, url: str = "") -> str:
        self.file_names.add(file.name or "")
        return self.absolute_url(url or file.url)

    def card(self, page_id: int) -> dict[str, Any] | None:
        return self._batch.card(page_id, self._locale)

    def is_private_collection(self, collection_id: int) -> bool:
        return collection_id in self._batch.private_collections

    def schedule_refresh(self, moment: datetime.datetime) -> None:
        if moment > self._batch.now and (self.refresh_due_at is None or moment < self.refresh_due_at):
            self.refresh_due_at = moment


def public_until(page: ContentPage) -> datetime.datetime | None:
    """Return when the page stops being public: when it expires or when a consent ends, whichever is earlier."""
    return min((end for end in (page.expire_at, page.consent_ends_at) if end is not None), default=None)


def _locale_ids(department: Department) -> set[int]:
    return {language.locale_id for language in department.department_locales.all()}


def card_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the Card (docs/document.md) of a document."""
    return {key: data[key] for key in CARD_KEYS} | {"start": data["content"].get("start")}


def _timestamp(moment: datetime.datetime | None) -> str | None:
    return (
        None if moment is None else moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )

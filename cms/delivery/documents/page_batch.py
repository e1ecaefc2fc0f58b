"""A batch of pages with all related data that their documents need, loaded in a fixed number of queries."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, Subquery
from django.utils import timezone
from wagtail.models import Page
from wagtail.query import PageQuerySet
from wagtail_localize.models import Translation

from cms.content_types.registry import is_declared
from cms.delivery.models import PageReference, PublicationState, PublishedDocument
from cms.media.file_visibility import restricted_collections
from cms.media.models import CustomDocument, CustomImage
from cms.pages.models import ContentPage, CopyOrigin
from cms.pages.models.base import content_path
from cms.translations.media_texts.public_texts import PublicMediaTexts
from cms.translations.models import TranslatedRevision
from sites.access.ownership import container_path, departments_by_container_path
from sites.access.querysets import enclosing
from sites.access.references.private_pages import is_restricted
from sites.models import Department, Sharing

from .placement import PathClaims, PlannedPlacement
from .related_objects import RelatedObjects, embedded_models

# A card with the date on which its document stops being public.
ExpiringCard = tuple[dict[str, Any] | None, datetime.datetime | None]


def load_pages(page_ids: Iterable[int]) -> list[Page]:
    """Return the specific pages, annotated with their visibility: `owner_id_of_tree` and `is_restricted`.

    Both are read in the same statement as the page. Between two statements a move could renumber the tree paths that
    are compared, and a private page would be taken for a public one.
    """
    return list(_pages_with_visibility(page_ids).specific().prefetch_related("locale"))


def load_base_pages(page_ids: Iterable[int]) -> list[Page]:
    """Return the pages without the fields of their types, annotated like those of `load_pages`."""
    return list(_pages_with_visibility(page_ids).select_related("locale"))


def _pages_with_visibility(page_ids: Iterable[int]) -> PageQuerySet:
    owners = enclosing(Department.objects.all(), "container__path", "path").values("pk")
    return Page.objects.filter(pk__in=page_ids).annotate(
        is_restricted=is_restricted(), owner_id_of_tree=Subquery(owners[:1])
    )


class PublicText(NamedTuple):
    """The text of a page: its content (translation key) and language, and the key of the public revision."""

    content: UUID
    language: str
    revision: int | None


class PageBatch:
    """A batch of pages with their related data.

    `pages` are written from their fields, of `headers` only the stored document changes. Drafts load the objects that
    they show themselves, because the reader of a preview may not see all of them. `objects` loads the related objects.
    """

    def __init__(
        self,
        pages: Iterable[Page],
        headers: Iterable[Page] = (),
        *,
        is_draft: bool = False,
        objects: RelatedObjects | None = None,
    ) -> None:
        self.pages = list(pages)
        self.headers = list(headers)
        self.now = timezone.now()
        self._departments_by_path = departments_by_container_path()
        self.departments = {department.pk: department for department in self._departments_by_path.values()}
        keys = {page.translation_key for page in (*self.pages, *self.headers)}
        page_ids = [page.pk for page in self.pages if page.pk]
        # By content and locale. Documents of a former content or locale of a page are apart.
        self.siblings: defaultdict[UUID, dict[str, PublishedDocument]] = defaultdict(dict)
        self.former_documents: defaultdict[int, list[PublishedDocument]] = defaultdict(list)
        self._load_documents(keys, page_ids)
        self.sharings = self._load_sharings(keys)
        self.copies = {
            copy.content_key: copy for copy in CopyOrigin.objects.filter(content_key__in=keys).select_related("sharing")
        }
        self.origins = self._load_origins()
        self._originals_of_aliases = self._load_originals_of_aliases()
        texts = [self.text_of(page) for page in (*self.pages, *self.headers)]
        self.translations = self._load_translations({text.content for text in texts})
        revisions = {text.revision for text in texts}
        self.translated_revisions = TranslatedRevision.objects.in_bulk(revisions - {None})
        self.references: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for page_id, *reference in PageReference.objects.filter(page_id__in=page_ids).values_list(
            "page_id", "content_type_id", "object_id"
        ):
            self.references[page_id].add((reference[0], reference[1]))
        self.states = PublicationState.objects.in_bulk(page_ids)
        self.claims = PathClaims(self._paths_on_other_sites())
        self.objects = objects or RelatedObjects()
        self._cards: dict[int, dict[str, ExpiringCard]] = {}
        known = {reference for references in self.references.values() for reference in references}
        if not is_draft:
            self.objects.preload(self.pages, known)
        # Objects that the pages show already are loaded for all pages together, new ones for each page.
        for page in self.pages:
            new = self.objects.references_in(page, is_draft=is_draft) - known
            self.objects.load(new, [CustomDocument] if is_draft else embedded_models())
            known |= new
        page_type = ContentType.objects.get_for_model(Page).pk
        self._load_cards({object_id for type_id, object_id in known if type_id == page_type})

    def text_of(self, page: Page) -> PublicText:
        """Return the text that a page shows: an alias shows that of another page in its language."""
        language = page.locale.language_code
        original = self._originals_of_aliases.get(page.alias_of_id)
        if original is not None and original.language == language:
            return original
        return PublicText(page.translation_key, language, page.live_revision_id)

    def other_language_of(self, page: Page) -> str:
        """Return the language of the text of a page, "" if it is that of the page: an alias may show another one."""
        original = self._originals_of_aliases.get(page.alias_of_id)
        return "" if original is None or original.language == page.locale.language_code else original.language

    def _load_originals_of_aliases(self) -> dict[int | None, PublicText]:
        """Load the texts that aliases show, by key of their page; no query without aliases."""
        keys = {page.alias_of_id for page in (*self.pages, *self.headers)} - {None}
        if not keys:
            return {}
        rows = Page.objects.filter(pk__in=keys).values_list(
            "pk", "translation_key", "locale__language_code", "live_revision"
        )
        return {pk: PublicText(*text) for pk, *text in rows}

    @cached_property
    def media_texts(self) -> PublicMediaTexts:
        """The reviewed translations of the texts of the images and documents that the pages show."""
        return PublicMediaTexts(self.objects.keys_of(CustomImage), self.objects.keys_of(CustomDocument))

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
            and page.locale_id in locale_ids(department)
            and (end is None or end > self.now)
            and (copy is None or copy.is_in_force)
        )

    def planned_placements(self, page: Page) -> list[PlannedPlacement]:
        """Return the placements that the document of a page should have, the owner's first."""
        owner = self.owner_of(page)
        locale = page.locale.language_code
        path = content_path(page.url_path, locale)
        planned = [PlannedPlacement(owner, path)]
        for receiver, sharing in self._receivers(page, owner):
            receiver_path = self.claims.free_path(receiver, path, owner, (page.translation_key, locale))
            planned.append(PlannedPlacement(receiver, receiver_path, sharing))
        return planned

    def _receivers(self, page: Page, owner: Department) -> list[tuple[Department, Sharing]]:
        """Return the other departments on whose sites the page is shown, with the sharing, in order of acceptance."""
        pairs = [(self.departments[sharing.department_id], sharing) for sharing in self.sharings[page.translation_key]]
        # A sharing ends when the page moves to another owner.
        return [
            (receiver, sharing)
            for receiver, sharing in pairs
            if sharing.owner_id == owner.pk and page.locale_id in locale_ids(receiver)
        ]

    def _paths_on_other_sites(self) -> set[tuple[int, str]]:
        """Return the paths, by id of the receiving department, that shared pages of the batch should have."""
        wanted = set()
        for page in (*self.pages, *self.headers):
            if (owner := self.department_of(page)) is not None and self.sharings[page.translation_key]:
                path = content_path(page.url_path, page.locale.language_code)
                wanted |= {(receiver.pk, path) for receiver, _sharing in self._receivers(page, owner)}
        return wanted

    def card(self, page_id: int, locale: str) -> ExpiringCard:
        """Return the Card of a page in a locale, else in the page's own locale, and when its document expires.

        Return (None, None) if it is not published in either.
        """
        if page_id not in self._cards:
            self._load_cards({page_id})
        cards = self._cards[page_id]
        return cards.get(locale) or cards.get("") or (None, None)

    def is_readable(self, document: PublishedDocument) -> bool:
        """Return True if the document is public now."""
        return not document.is_withdrawn and (document.expires_at is None or document.expires_at > self.now)

    def _load_documents(self, keys: set[UUID], page_ids: list[int]) -> None:
        rows = PublishedDocument.objects.filter(Q(content_id__in=keys) | Q(page_id__in=page_ids, is_withdrawn=False))
        current = {page.pk: (page.translation_key, page.locale.language_code) for page in self.pages if page.pk}
        for document in rows.defer("body").prefetch_related("placements", "files"):
            is_current = current.get(document.page_id, (document.content_id, document.locale)) == (
                document.content_id,
                document.locale,
            )
            if not is_current and not document.is_withdrawn:
                self.former_documents[document.page_id].append(document)
            else:
                self.siblings[document.content_id][document.locale] = document

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
    def _load_translations(keys: set[UUID]) -> dict[tuple[UUID, str], Translation]:
        """Load the translations of contents, by content and code of the target language."""
        rows = Translation.objects.filter(source__object_id__in=keys).select_related(
            "source__locale", "target_locale", "progress"
        )
        rows = rows.defer("source__content_json")
        return {(row.source.object_id, row.target_locale.language_code): row for row in rows}

    def _load_cards(self, page_ids: set[int]) -> None:
        """Load the cards of pages by locale; the key "" has the card of the referenced page itself."""
        self._cards.update({page_id: {} for page_id in page_ids})
        if not page_ids:
            return
        # Not from the documents: a page that was never public has none, but its translations may be public.
        contents = dict(Page.objects.filter(pk__in=page_ids).values_list("pk", "translation_key"))
        by_content: defaultdict[UUID, list[tuple[PublishedDocument, ExpiringCard]]] = defaultdict(list)
        public = PublishedDocument.objects.public().filter(content_id__in=set(contents.values()))
        for document in public.only("content_id", "locale", "page_id", "card", "expires_at"):
            if card := document.card_data:
                by_content[document.content_id].append((document, (card, document.expires_at)))
        for page_id, content_id in contents.items():
            for document, expiring_card in by_content[content_id]:
                self._cards[page_id][document.locale] = expiring_card
                if document.page_id == page_id:
                    self._cards[page_id][""] = expiring_card


def public_until(page: ContentPage) -> datetime.datetime | None:
    """Return when the page stops being public: when it expires or when a consent ends, whichever is earlier."""
    return min((end for end in (page.expire_at, page.consent_ends_at) if end is not None), default=None)


def locale_ids(department: Department) -> set[int]:
    """Return the ids of the languages of a department's site."""
    return {language.locale_id for language in department.department_locales.all()}

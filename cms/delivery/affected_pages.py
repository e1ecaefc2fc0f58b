"""Computes the pages whose documents a changed object affects. Called under the lock of the feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery
from wagtail.models import Collection, CollectionMember, Locale, Page

from cms.pages.models import CopyOrigin
from sites.access.querysets import enclosing
from sites.models import Department, Sharing

from .documents.related_objects import embedded_models
from .models import PageReference, PublishedDocument, RefreshRequest

Change = RefreshRequest.Change


@dataclass
class AffectedPages:
    """Ids of pages: those whose documents are written anew, and those of which only the header may change."""

    pages: set[int] = field(default_factory=set)
    headers: set[int] = field(default_factory=set)

    def add(self, other: AffectedPages) -> None:
        """Add the pages of another set."""
        self.pages |= other.pages
        self.headers |= other.headers


def pages_showing(content_type_id: int, object_ids: Iterable[int] | QuerySet) -> set[int]:
    """Return the ids of the live pages whose documents depend on objects of one type. One query."""
    rows = PageReference.objects.filter(content_type_id=content_type_id, object_id__in=object_ids)
    return set(rows.values_list("page_id", flat=True).distinct())


def pages_showing_content(content_ids: Iterable) -> set[int]:
    """Return the ids of the pages that refer to any language of the contents (translation keys). Three queries."""
    content_ids = list(content_ids)
    versions = set(Page.objects.filter(translation_key__in=content_ids).values_list("pk", flat=True))
    versions |= set(PublishedDocument.objects.filter(content_id__in=content_ids).values_list("page_id", flat=True))
    return pages_showing(ContentType.objects.get_for_model(Page).pk, versions)


def resolve(requests: Iterable[RefreshRequest]) -> dict[bool, AffectedPages]:
    """Return the affected pages of requests that are not for single pages, by their urgency."""
    grouped: defaultdict[tuple[bool, int, str], set[int]] = defaultdict(set)
    for request in requests:
        grouped[request.is_urgent, request.content_type_id, request.change].add(request.object_id)
    affected = {True: AffectedPages(), False: AffectedPages()}
    for (is_urgent, content_type_id, change), object_ids in grouped.items():
        model = ContentType.objects.get_for_id(content_type_id).model_class()
        if model is Page:
            affected[is_urgent].add(_affected_by_pages(object_ids, change))
        elif model is not None:
            affected[is_urgent].pages |= _affected_by_objects(model, content_type_id, object_ids)
    return affected


def _affected_by_pages(page_ids: set[int], change: str) -> AffectedPages:
    if change == Change.SUBTREE:
        return AffectedPages(pages=page_ids | _subtrees_in_all_languages(page_ids))
    if change == Change.URLS:
        return AffectedPages(headers=page_ids | _descendants(page_ids))
    if change == Change.ORDER:
        _update_tree_paths(page_ids)
        return AffectedPages()
    keys = set(Page.objects.filter(pk__in=page_ids).values_list("translation_key", flat=True))
    keys |= set(PublishedDocument.objects.filter(page_id__in=page_ids).values_list("content_id", flat=True))
    copies = CopyOrigin.objects.filter(origin_key__in=keys).values("content_key")
    languages = Page.objects.filter(Q(translation_key__in=keys) | Q(translation_key__in=copies))
    language_ids = set(languages.values_list("pk", flat=True))
    if change == Change.CONTENT:
        return AffectedPages(pages=language_ids)
    page_type = ContentType.objects.get_for_model(Page).pk
    # A deleted page that was never public has no document that names its content. The headers include those of the
    # pages themselves: two of them may be languages of one content, or a copy and its origin.
    return AffectedPages(pages=pages_showing_content(keys) | pages_showing(page_type, page_ids), headers=language_ids)


def _affected_by_objects(model: type[Model], content_type_id: int, object_ids: set[int]) -> set[int]:
    if model is Collection:
        return _pages_showing_members(object_ids)
    if model is Locale:
        return set(Page.objects.filter(locale__in=object_ids).values_list("pk", flat=True))
    page_ids = pages_showing(content_type_id, object_ids)
    if model is Department:
        page_ids |= _pages_of_departments(object_ids)
    return page_ids


def _pages_of_departments(department_ids: set[int]) -> set[int]:
    """Return the pages of departments, those that others share with them, and the copies of their content."""
    containers = Department.objects.filter(pk__in=department_ids).values_list("container_id", flat=True)
    received = Sharing.objects.placed().filter(department__in=department_ids).values("content_key")
    copies = CopyOrigin.objects.filter(sharing__owner__in=department_ids).values("content_key")
    other = Page.objects.filter(Q(translation_key__in=received) | Q(translation_key__in=copies))
    return _descendants(set(containers)) | set(other.values_list("pk", flat=True))


def _pages_showing_members(collection_ids: set[int]) -> set[int]:
    """Return the pages that show members of collections and of those inside them. One query for each model.

    A path and what is below it are read in one statement, here and in `_descendants`: between two statements a move
    could renumber the tree paths, and what is below would be missed.
    """
    changed = enclosing(Collection.objects.filter(pk__in=collection_ids), "path", "path")
    collections = Collection.objects.filter(Exists(changed))
    page_ids: set[int] = set()
    for model in embedded_models():
        if issubclass(model, CollectionMember):
            content_type = ContentType.objects.get_for_model(model)
            members = model._default_manager.filter(collection__in=collections).order_by().values("pk")
            page_ids |= pages_showing(content_type.pk, members)
    return page_ids


def _descendants(page_ids: set[int]) -> set[int]:
    above = enclosing(Page.objects.filter(pk__in=page_ids), "path", "path")
    return set(Page.objects.filter(Exists(above)).values_list("pk", flat=True)) - page_ids


def _subtrees_in_all_languages(page_ids: set[int]) -> set[int]:
    """Return the pages and all below them, in every language: a restriction or a new parent may hide all of these.

    The languages of a page below may stand elsewhere. Aliases are included, since they show the same content.
    """
    changed = Page.objects.filter(pk__in=page_ids).values("translation_key")
    roots = Page.objects.filter(translation_key__in=changed)
    below = Page.objects.filter(Exists(enclosing(roots, "path", "path"))).order_by()
    contents = below.values("translation_key")
    versions = Q(translation_key__in=contents) | Q(alias_of__translation_key__in=contents)
    return set(Page.objects.filter(versions).values_list("pk", flat=True))


def _update_tree_paths(page_ids: set[int]) -> None:
    """Copy the tree paths of the pages below pages to their documents. No document shows them."""
    current_path = Page.objects.filter(pk=OuterRef("page_id")).values("path")
    documents = PublishedDocument.objects.filter(page_id__in=_descendants(page_ids))
    documents.update(tree_path=Subquery(current_path))

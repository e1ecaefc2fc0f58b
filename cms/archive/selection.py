"""Querysets of the rows that belong to a department, in a stable order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Max, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Collection,
    CollectionMember,
    GroupApprovalTask,
    ModelLogEntry,
    Page,
    PageLogEntry,
    PageViewRestriction,
    Revision,
    Site,
    Workflow,
)
from wagtail_localize.models import TranslationSource

from cms.copies.media_copies import COPIED_FIELDS
from cms.delivery.models import PublishedDocument
from cms.media.models import Consent, CustomDocument, CustomImage, Video
from cms.pages.models import CopiedMedium, CopyOrigin, Organisation, Person
from cms.translations.models import GlossaryTerm, MediaText, MemoryPair, TranslationAssignment
from search.models import Promotion
from sites.models import Department, Sharing

K = TypeVar("K")

CHUNK_SIZE = 200
# In the order of deletion: the rows of a model can protect rows of later models.
MEDIA_MODELS = (Video, CustomDocument, CustomImage, Consent)
SNIPPET_MODELS = (Person, Organisation)
COPYABLE_MEDIA_MODELS: tuple[type[Any], ...] = tuple(COPIED_FIELDS)


class DepartmentSelection:
    """The rows of one department.

    The paths of container and collection are read on creation, because the instance may be stale: a new department
    can change the collection paths of other departments.
    """

    def __init__(self, department: Department) -> None:
        self.department = department
        self.container_path: str
        self.collection_path: str
        paths = Department.objects.values_list("container__path", "collection__path")
        self.container_path, self.collection_path = paths.get(pk=department.pk)

    def page_ids(self) -> list[int]:
        """Return the ids of all pages below the container, parents first."""
        pages = Page.objects.filter(path__startswith=self.container_path).exclude(pk=self.department.container_id)
        return list(pages.order_by("path").values_list("pk", flat=True))

    def pages(self) -> Iterator[list[Page]]:
        """Yield the specific pages in lists of at most CHUNK_SIZE."""
        for chunk in chunks(self.page_ids()):
            # `specific` orders pages by type.
            yield sorted(Page.objects.filter(pk__in=chunk).specific(), key=lambda page: page.path)

    def revisions(self, pages: list[Page]) -> QuerySet[Revision]:
        """Return the newest, live and scheduled revisions of the pages."""
        current = {pk for page in pages for pk in (page.latest_revision_id, page.live_revision_id) if pk}
        scheduled = Q(object_id__in=[str(page.pk) for page in pages], approved_go_live_at__isnull=False)
        return Revision.page_revisions.filter(Q(pk__in=current) | scheduled).order_by("pk")

    def collections(self) -> QuerySet[Collection]:
        return Collection.objects.filter(path__startswith=self.collection_path).order_by("path")

    def media(self, model: type[CollectionMember]) -> QuerySet:
        """Return the media of a model in the department's collections."""
        return model._default_manager.filter(collection__path__startswith=self.collection_path).order_by("pk")

    def restrictions(self) -> QuerySet[PageViewRestriction]:
        return PageViewRestriction.objects.filter(page__path__startswith=self.container_path).order_by("page__path")

    def sharings(self) -> QuerySet[Sharing]:
        """Return the sharings in which the department is owner or recipient."""
        own = Q(owner=self.department) | Q(department=self.department)
        return Sharing.objects.filter(own).order_by("accepted_at", "pk")

    def redirects(self) -> QuerySet[Redirect]:
        return Redirect.objects.filter(site=self.department.site).order_by("pk")

    def promotions(self) -> QuerySet[Promotion]:
        return Promotion.objects.filter(department=self.department).order_by("pk")

    def workflows(self) -> QuerySet[Workflow]:
        pages = Page.objects.filter(path__startswith=self.container_path)
        own = Q(workflow_pages__page__in=pages) | Q(department_workflow__department=self.department)
        return Workflow.objects.filter(own).distinct().order_by("pk")

    def translation_sources(self, more_keys: set) -> QuerySet[TranslationSource]:
        """Return the translation sources of the pages and of the snippets with the translation keys `more_keys`."""
        keys = Page.objects.filter(path__startswith=self.container_path).values("translation_key")
        return TranslationSource.objects.filter(Q(object__in=keys) | Q(object__in=list(more_keys))).order_by("pk")

    def translation_assignments(self) -> QuerySet[TranslationAssignment]:
        pages = Page.objects.filter(path__startswith=self.container_path)
        return TranslationAssignment.objects.filter(page__in=pages.values("pk")).order_by("pk")

    def media_texts(self) -> QuerySet[MediaText]:
        """Return the translated texts of the department's images and documents, in its languages."""
        images, documents = (self.media(model).order_by().values("pk") for model in (CustomImage, CustomDocument))
        texts = MediaText.objects.filter(Q(image__in=images) | Q(document__in=documents))
        return texts.filter(locale__in=self.department.department_locales.values("locale")).order_by("pk")

    def glossary_terms(self) -> QuerySet[GlossaryTerm]:
        return GlossaryTerm.objects.filter(department=self.department).order_by("pk")

    def memory_pairs(self) -> QuerySet[MemoryPair]:
        """Return the translation memory of the department."""
        return MemoryPair.objects.filter(department=self.department).order_by("pk")

    def published_documents(self) -> QuerySet[PublishedDocument]:
        return PublishedDocument.objects.filter(department=self.department).order_by("pk")

    def accounts(self) -> QuerySet:
        users = get_user_model()._default_manager.filter(groups__department_group__department=self.department)
        return users.distinct().order_by("email")

    def page_log(self) -> QuerySet[PageLogEntry]:
        pages = Page.objects.filter(path__startswith=self.container_path)
        return PageLogEntry.objects.filter(page_id__in=pages.values("pk")).order_by("pk")

    def model_log(self) -> QuerySet[ModelLogEntry]:
        """Return the log entries of the department and of its rows other than pages."""
        condition = Q(pk__in=[])
        for rows in self._logged_rows():
            keys = rows.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
            condition |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=keys)
        return ModelLogEntry.objects.filter(condition).order_by("pk")

    def _logged_rows(self) -> Iterator[QuerySet]:
        department = self.department
        yield Department.objects.filter(pk=department.pk)
        yield from (self.media(model) for model in MEDIA_MODELS)
        yield from (model._default_manager.filter(owner=department) for model in SNIPPET_MODELS)
        yield Site.objects.filter(pk=department.site_id)
        yield Group.objects.filter(department_group__department=department)
        yield self.collections()
        yield self.sharings()
        yield self.redirects()
        yield self.promotions()
        own = Workflow.objects.filter(department_workflow__department=department)
        yield own
        yield GroupApprovalTask.objects.filter(workflow_tasks__workflow__in=own)

    def last_sequence(self) -> int:
        """Return the highest feed sequence number of the department's documents and tombstones, or 0."""
        return self.published_documents().order_by().aggregate(last=Max("sequence"))["last"] or 0

    def copy_origins(self) -> QuerySet[CopyOrigin]:
        """Return the origins of the copies that the department made of other departments' content."""
        pages = Page.objects.filter(path__startswith=self.container_path).values("translation_key")
        return CopyOrigin.objects.filter(content_key__in=pages).order_by("pk")

    def copy_origins_of_others(self) -> QuerySet[CopyOrigin]:
        """Return the origins of the copies that other departments made of the department's content."""
        return CopyOrigin.objects.filter(sharing__owner=self.department).order_by("pk")

    def copied_media(self) -> QuerySet[CopiedMedium]:
        """Return the records of media that the department copied from other departments."""
        return CopiedMedium.objects.filter(department=self.department).order_by("pk")

    def media_copied_by_others(self) -> QuerySet[CopiedMedium]:
        """Return the records of the department's media that other departments copied."""
        condition = Q(pk__in=[])
        for model in COPYABLE_MEDIA_MODELS:
            content_type = ContentType.objects.get_for_model(model)
            condition |= Q(content_type=content_type, origin_id__in=self.media(model).order_by().values("pk"))
        return CopiedMedium.objects.filter(condition)


def chunks(keys: list[K]) -> Iterator[list[K]]:
    """Yield the keys in lists of at most CHUNK_SIZE."""
    for start in range(0, len(keys), CHUNK_SIZE):
        yield keys[start : start + CHUNK_SIZE]

"""What belongs to a department: one queryset for each kind of row, in an order that is always the same."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Collection,
    CollectionMember,
    ModelLogEntry,
    Page,
    PageLogEntry,
    PageViewRestriction,
    Revision,
    Workflow,
)
from wagtail_localize.models import TranslationSource

from cms.delivery.models import PublishedDocument
from cms.media.models import Consent, CustomDocument, CustomImage, CustomRendition, Video
from cms.pages.models import Organisation
from sites.models import Department, Sharing

CHUNK = 200
MEDIA = (Video, CustomDocument, CustomImage, Consent)


class Selection:
    """The rows of one department."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.container_path: str = department.container.path
        self.collection_path: str = department.collection.path

    def page_ids(self) -> list[int]:
        """Return the keys of all pages below the container, parents first."""
        pages = Page.objects.filter(path__startswith=self.container_path).exclude(pk=self.department.container_id)
        return list(pages.order_by("path").values_list("pk", flat=True))

    def pages(self) -> Iterator[list[Page]]:
        """Yield the pages as their specific types, some at a time."""
        for chunk in chunks(self.page_ids()):
            # Sorted here: `specific` answers type by type.
            yield sorted(Page.objects.filter(pk__in=chunk).specific(), key=lambda page: page.path)

    def revisions(self, pages: list[Page]) -> QuerySet[Revision]:
        """Return the revisions of some pages that an archive holds: newest, live and scheduled."""
        named = {pk for page in pages for pk in (page.latest_revision_id, page.live_revision_id) if pk}
        scheduled = Q(object_id__in=[str(page.pk) for page in pages], approved_go_live_at__isnull=False)
        return Revision.page_revisions.filter(Q(pk__in=named) | scheduled).order_by("pk")

    def collections(self) -> QuerySet[Collection]:
        return Collection.objects.filter(path__startswith=self.collection_path).order_by("path")

    def members(self, model: type[CollectionMember]) -> QuerySet:
        """Return the media of a model that stand in the department's collections."""
        return model._default_manager.filter(collection__path__startswith=self.collection_path).order_by("pk")

    def renditions(self) -> QuerySet[CustomRendition]:
        return CustomRendition.objects.filter(image__in=self.members(CustomImage)).order_by("pk")

    def restrictions(self) -> QuerySet[PageViewRestriction]:
        return PageViewRestriction.objects.filter(page__path__startswith=self.container_path).order_by("page__path")

    def sharings(self) -> QuerySet[Sharing]:
        """Return what the department shares with others, and others with it."""
        own = Q(owner=self.department) | Q(department=self.department)
        return Sharing.objects.filter(own).order_by("accepted_at", "pk")

    def redirects(self) -> QuerySet[Redirect]:
        return Redirect.objects.filter(site=self.department.site).order_by("pk")

    def workflows(self) -> QuerySet[Workflow]:
        pages = Page.objects.filter(path__startswith=self.container_path)
        own = Q(workflow_pages__page__in=pages) | Q(department_workflow__department=self.department)
        return Workflow.objects.filter(own).distinct().order_by("pk")

    def sources(self, more_keys: set) -> QuerySet[TranslationSource]:
        """Return the translation sources of the pages and of `more_keys` (of snippets)."""
        keys = Page.objects.filter(path__startswith=self.container_path).values("translation_key")
        return TranslationSource.objects.filter(Q(object__in=keys) | Q(object__in=list(more_keys))).order_by("pk")

    def documents(self) -> QuerySet[PublishedDocument]:
        return PublishedDocument.objects.filter(department=self.department).order_by("pk")

    def accounts(self) -> QuerySet:
        users = get_user_model()._default_manager.filter(groups__department_group__department=self.department)
        return users.distinct().order_by("email")

    def page_log(self) -> QuerySet[PageLogEntry]:
        pages = Page.objects.filter(path__startswith=self.container_path)
        return PageLogEntry.objects.filter(page_id__in=pages.values("pk")).order_by("pk")

    def media_log(self) -> QuerySet[ModelLogEntry]:
        about = Q(pk__in=[])
        for model in MEDIA:
            keys = [str(pk) for pk in self.members(model).values_list("pk", flat=True)]
            about |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=keys)
        about |= Q(content_type=ContentType.objects.get_for_model(Department), object_id=str(self.department.pk))
        return ModelLogEntry.objects.filter(about).order_by("pk")

    def organisations(self) -> QuerySet[Organisation]:
        """Return the organisations that stand for the department."""
        return Organisation.objects.filter(department=self.department).order_by("pk")


def chunks(keys: list[int], size: int = CHUNK) -> Iterator[list[int]]:
    """Yield a list in parts."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]

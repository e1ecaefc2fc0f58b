"""The registry that says to which department an object belongs.

Each model registers an ownership lookup with `register_ownership`. Querysets are limited by it, and
`departments_owning` answers for one object. Packages above `sites` register their models when the apps are ready.
A model without a lookup belongs to no department: only superusers see its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from taggit.models import Tag, TaggedItem
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    CollectionMember,
    Locale,
    ModelLogEntry,
    Page,
    PageLogEntry,
    PageViewRestriction,
    ReferenceIndex,
    Revision,
    Site,
    Task,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
)

from sites.models import Department, DepartmentGroup, DepartmentLocale, DepartmentWorkflow, Invitation, Sharing

CONTAINER_DEPTH = 2  # Root has depth 1, in the page tree and in the collection tree.
CONTAINER_PATH_LENGTH = CONTAINER_DEPTH * Page.steplen
COLLECTION_PATH_LENGTH = CONTAINER_DEPTH * Collection.steplen


class OwnershipLookup(Protocol):
    """A relation from the rows of a model to the departments that own them."""

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        """Return the condition that limits a queryset of the model to rows of these departments."""
        ...

    def departments(self, instance: Model) -> QuerySet[Department]:
        """Return the departments that own a saved row."""
        ...


@dataclass(frozen=True)
class FieldLookup:
    """Ownership through a lookup that ends at the department, for example `site__department`."""

    lookup: str

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        # A subquery of keys, because a lookup over several related rows would return the same row twice.
        owners = [department.pk for department in departments]
        owned = model._default_manager.filter(**{f"{self.lookup}__in": owners})
        return Q(pk__in=owned.order_by().values("pk"))

    def departments(self, instance: Model) -> QuerySet[Department]:
        keys = type(instance)._default_manager.filter(pk=instance.pk).values(self.lookup)
        return Department.objects.filter(pk__in=keys)


class AnyLookup:
    """Ownership through any of several lookups: a sharing belongs to both departments."""

    def __init__(self, *lookups: OwnershipLookup) -> None:
        self._lookups = lookups

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        condition = Q(pk__in=[])
        for lookup in self._lookups:
            condition |= lookup.condition(model, departments)
        return condition

    def departments(self, instance: Model) -> QuerySet[Department]:
        owners = Department.objects.none()
        for lookup in self._lookups:
            owners |= lookup.departments(instance)
        return owners


@dataclass(frozen=True)
class TreeLookup:
    """Ownership through the tree path of a page or collection. `path` is the lookup that leads to the path.

    `root` is the field of the department with the root of its tree, "container" or "collection".
    """

    path: str = "path"
    root: str = "container"

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        condition = Q(pk__in=[])
        for department in departments:
            condition |= Q(**{f"{self.path}__startswith": getattr(department, self.root).path})
        return condition

    def departments(self, instance: Model) -> QuerySet[Department]:
        paths = type(instance)._default_manager.filter(pk=instance.pk).values_list(self.path, flat=True)
        length = CONTAINER_PATH_LENGTH if self.root == "container" else COLLECTION_PATH_LENGTH
        return Department.objects.filter(**{f"{self.root}__path__in": [path[:length] for path in paths if path]})


class CollectionLookup:
    """Ownership through the collection of a file, a video or a consent."""

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        # A list of keys, because this condition is also used in searches, and the search index has no collection paths.
        collections = Collection.objects.filter(TreeLookup(root="collection").condition(Collection, departments))
        return Q(collection__in=list(collections.order_by().values_list("pk", flat=True)))

    def departments(self, instance: Model) -> QuerySet[Department]:
        return TreeLookup("collection__path", "collection").departments(instance)


class TagUsageLookup:
    """Ownership of tags through the images and documents that have them. A tag can reveal what a department plans."""

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        tagged = Q()
        for media in (get_image_model(), get_document_model()):
            rows = media._default_manager.filter(CollectionLookup().condition(media, departments))
            content_type = ContentType.objects.get_for_model(media)
            tagged |= Q(content_type=content_type, object_id__in=rows.values("pk"))
        return Q(pk__in=TaggedItem.objects.filter(tagged).values("tag"))

    def departments(self, instance: Model) -> QuerySet[Department]:
        owners = Department.objects.none()
        for item in TaggedItem.objects.filter(tag=instance.pk):
            owners |= departments_owning(item.content_object)
        return owners


@dataclass(frozen=True)
class TranslationLookup:
    """Ownership of translations and translation sources through the pages with the same translation key."""

    key: str

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        pages = Page.objects.filter(TreeLookup().condition(Page, departments)).order_by()
        return Q(**{f"{self.key}__in": pages.values("translation_key")})

    def departments(self, instance: Model) -> QuerySet[Department]:
        keys = type(instance)._default_manager.filter(pk=instance.pk).values(self.key)
        paths = Page.objects.filter(translation_key__in=keys).values_list("path", flat=True)
        return Department.objects.filter(container__path__in={container_path(path) for path in paths})


@dataclass(frozen=True)
class ContentObjectLookup:
    """Ownership of log entries, revisions and workflow states through the object that they are about."""

    content_type: str = "content_type"
    object_id: str = "object_id"

    def condition(self, model: type[Model], departments: Sequence[Department]) -> Q:
        condition = Q(pk__in=[])
        for owned in apps.get_models():
            lookup = ownership_lookup_of(owned)
            # Generic relations of pages refer to the base content type.
            if (
                lookup is None
                or isinstance(lookup, ContentObjectLookup)
                or owned._meta.proxy
                or Page in owned.__mro__[1:]
            ):
                continue
            rows = owned._default_manager.filter(lookup.condition(owned, departments)).order_by()
            keys = rows.annotate(_key=Cast("pk", CharField())).values("_key")
            content_type = ContentType.objects.get_for_model(owned)
            condition |= Q(**{self.content_type: content_type, f"{self.object_id}__in": keys})
        return condition

    def departments(self, instance: Model) -> QuerySet[Department]:
        row = type(instance)._default_manager.filter(pk=instance.pk).values_list(self.content_type, self.object_id)
        content_type, object_id = row.get()
        model = ContentType.objects.get_for_id(content_type).model_class()
        content_object = model._default_manager.filter(pk=object_id).first() if model else None
        return departments_owning(content_object) if content_object is not None else Department.objects.none()


_OWNERSHIP_LOOKUPS: dict[type[Model], OwnershipLookup] = {}


def register_ownership(model: type[Model], lookup: OwnershipLookup) -> None:
    """Register the ownership lookup of a model and its subclasses."""
    _OWNERSHIP_LOOKUPS[model] = lookup


def ownership_lookup_of(model: type[Model]) -> OwnershipLookup | None:
    """Return the lookup registered for the model or its nearest base class; None if it belongs to no department."""
    return next((_OWNERSHIP_LOOKUPS[base] for base in model.__mro__ if base in _OWNERSHIP_LOOKUPS), None)


def departments_owning(instance: Model) -> QuerySet[Department]:
    """Return the departments that own a saved object: usually one; several for a sharing or a tag; or none."""
    lookup = ownership_lookup_of(type(instance))
    return lookup.departments(instance) if lookup is not None else Department.objects.none()


def is_shared(model: type[Model]) -> bool:
    """Return True if all departments may use the model's rows, whoever owns them (setting SHARED_SNIPPETS)."""
    return model._meta.label in settings.SHARED_SNIPPETS


def container_path(page_path: str) -> str:
    """Return the tree path of the container of a page path; "" for Root."""
    return page_path[:CONTAINER_PATH_LENGTH] if len(page_path) >= CONTAINER_PATH_LENGTH else ""


def department_of_page(page: Page) -> Department | None:
    """Return the department whose container holds the page, or None."""
    path = container_path(page.path)
    return Department.objects.filter(container__path=path).select_related("site").first() if path else None


def department_of_collection(collection: Collection) -> Department | None:
    """Return the department whose collection is this one or its ancestor, or None."""
    path = collection.path[:COLLECTION_PATH_LENGTH]
    return Department.objects.filter(collection__path=path).first()


def home_pages_of(department: Department) -> QuerySet[Page]:
    """Return the home pages of the department, one per language: the children of its container."""
    pages: QuerySet[Page] = Page.objects.child_of(department.container)
    return pages


def departments_by_container_path() -> dict[str, Department]:
    """Return all departments by the tree path of their container, with site and locales, for batch work on pages."""
    departments: QuerySet[Department] = Department.objects.select_related("site", "container").prefetch_related(
        "department_locales__locale"
    )
    return {department.container.path: department for department in departments}


def register_models() -> None:
    """Register the models of Django, Wagtail and `sites`. Called once, when the applications are ready."""
    register_ownership(Page, TreeLookup())
    register_ownership(PageLogEntry, TreeLookup("page__path"))
    register_ownership(PageViewRestriction, TreeLookup("page__path"))
    register_ownership(Collection, TreeLookup(root="collection"))
    register_ownership(CollectionMember, CollectionLookup())
    register_ownership(get_image_model(), CollectionLookup())
    register_ownership(get_document_model(), CollectionLookup())
    register_ownership(Tag, TagUsageLookup())
    register_ownership(get_user_model(), FieldLookup("groups__department_group__department"))
    register_ownership(Group, FieldLookup("department_group__department"))
    register_ownership(Site, FieldLookup("department"))
    register_ownership(Locale, FieldLookup("department_locales__department"))
    register_ownership(Redirect, FieldLookup("site__department"))
    register_ownership(Department, FieldLookup("pk"))
    for model in (DepartmentGroup, DepartmentLocale, DepartmentWorkflow, Invitation):
        register_ownership(model, FieldLookup("department"))
    register_ownership(Sharing, AnyLookup(FieldLookup("owner"), FieldLookup("department")))
    register_ownership(Workflow, FieldLookup("department_workflow__department"))
    register_ownership(Task, FieldLookup("workflow_tasks__workflow__department_workflow__department"))
    register_ownership(WorkflowPage, TreeLookup("page__path"))
    register_ownership(apps.get_model("wagtail_localize", "TranslationSource"), TranslationLookup("object"))
    register_ownership(apps.get_model("wagtail_localize", "Translation"), TranslationLookup("source__object"))
    register_ownership(ModelLogEntry, ContentObjectLookup())
    register_ownership(Revision, ContentObjectLookup("base_content_type"))
    register_ownership(ReferenceIndex, ContentObjectLookup("base_content_type"))
    register_ownership(WorkflowState, ContentObjectLookup("base_content_type"))
    register_ownership(TaskState, ContentObjectLookup("workflow_state__base_content_type", "workflow_state__object_id"))

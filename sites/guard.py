"""What a user may see: the departments someone belongs to, and any queryset narrowed to them."""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from taggit.models import Tag, TaggedItem
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionMember, Locale, Page, Site

from .models import Department, DepartmentLocale

M = TypeVar("M", bound=Model)
User = AbstractBaseUser | AnonymousUser


def is_unrestricted(user: User) -> bool:
    """Whether the user administers the instance and so sees every department."""
    return bool(user.is_active and getattr(user, "is_superuser", False))


def departments_of(user: User) -> list[Department]:
    """Return the departments that the user belongs to through the groups provisioning made; [] for nobody.

    Asked many times in one request, so the answer stays on the user object, which lives as long as the request.
    """
    if user.pk is None or not user.is_active:
        return []
    known: list[Department] | None = user.__dict__.get("_departments")
    if known is None:
        known = list(
            Department.objects.filter(department_groups__group__user=user.pk)
            .select_related("container", "collection")
            .distinct()
        )
        user.__dict__["_departments"] = known
    return known


def visible(queryset: QuerySet[M], user: User) -> QuerySet[M]:
    """Narrow a queryset of any model to the rows of the user's departments and those shared by all.

    Superusers see everything. A model that belongs to no department (workflows, tokens, …) has no visible row for
    anybody else.
    """
    if is_unrestricted(user):
        return queryset
    departments = departments_of(user)
    condition = _condition(queryset.model, departments, user) if departments else None
    return queryset.none() if condition is None else queryset.filter(condition)


def is_visible(model: type[Model], pk: object, user: User) -> bool:
    """Whether the row exists and the user may see it; a key that is none of the model's is not there."""
    try:
        return visible(model._default_manager.filter(pk=pk), user).exists()
    except (TypeError, ValueError, OverflowError):
        return False


def is_shared(model: type[Model]) -> bool:
    """Whether the instance owns the model's rows and lends them to all departments (setting SHARED_SNIPPETS)."""
    return model._meta.label in settings.SHARED_SNIPPETS


def _condition(model: type[Model], departments: list[Department], user: User) -> Q | None:
    if is_shared(model):
        return Q()
    if issubclass(model, Page):
        return _any_of("path__startswith", [department.container.path for department in departments])
    if issubclass(model, Collection):
        return _any_of("path__startswith", [department.collection.path for department in departments])
    if issubclass(model, CollectionMember):
        # By key: lists are searched too, and collections' paths are no part of the search index.
        collections = visible(Collection.objects.all(), user).values_list("pk", flat=True)
        return Q(collection__in=list(collections))
    if issubclass(model, Tag):
        return Q(pk__in=_tags_in_use(user))
    if issubclass(model, get_user_model()):
        # By key, since a join would answer a colleague of two groups twice.
        users = Group.objects.filter(department_group__department__in=departments).values("user")
        return Q(pk__in=users)
    if issubclass(model, Locale):
        return Q(pk__in=DepartmentLocale.objects.filter(department__in=departments).values("locale"))
    lookups: dict[type[Model], str] = {
        Department: "pk__in",
        Group: "department_group__department__in",
        Redirect: "site__department__in",
        Site: "department__in",
    }
    return next((Q(**{lookup: departments}) for owned, lookup in lookups.items() if issubclass(model, owned)), None)


def _any_of(lookup: str, values: list[str]) -> Q:
    condition = Q()
    for value in values:
        condition |= Q(**{lookup: value})
    return condition


def _tags_in_use(user: User) -> QuerySet[TaggedItem]:
    """Tags of the images and documents that the user sees: a name alone can tell what another department prepares."""
    tagged = Q()
    for model in (get_image_model(), get_document_model()):
        content_type = ContentType.objects.get_for_model(model)
        tagged |= Q(content_type=content_type, object_id__in=visible(model._default_manager.all(), user).values("pk"))
    return TaggedItem.objects.filter(tagged).values("tag")

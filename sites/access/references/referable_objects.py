"""The objects to which the acting user may refer: those of the user's departments, and content shared with them.

Wagtail's widgets, blocks and rich-text converters look up objects by id; they use the functions of this module. Without
an acting user nothing is limited.
"""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from wagtail.models import Collection, CollectionMember, Page

from sites.access.capabilities import User, departments_of, is_unrestricted
from sites.access.ownership import TreeLookup, is_shared
from sites.access.querysets import is_viewable_by
from sites.models import Sharing
from sites.validation.object_keys import is_beyond_keys

from .acting_user import acting_user, is_reading
from .named_objects import find_object
from .private_pages import is_private
from .published_pages import published_pages

M = TypeVar("M", bound=Model)

# The models whose rows belong to one department; other departments refer to them through sharing only.
CONTENT = (Page, CollectionMember)


def may_refer_to(instance: Model) -> bool:
    """Return True if the acting user may refer to the saved object in a form.

    These are the objects that the user may view, files of the instance in the root collection, and pages that a
    department of the user co-holds or mirrors. True if
    there is no acting user. Pages, shared snippets and files in the top collection of a department need no query; other
    files and shared pages need one query for the request, other models one query for each object.
    """
    user = acting_user()
    if user is None or is_unrestricted(user):
        return True
    if isinstance(instance, Page):
        return is_own(instance) or instance.translation_key in _placed_contents(user)
    if isinstance(instance, CollectionMember):
        return _is_own_collection(user, instance.collection_id)
    if is_shared(type(instance)):
        return bool(departments_of(user))
    return is_viewable_by(type(instance), instance.pk, user)


def find_referable(model: type[M], pk: Any) -> M | None:
    """Return the object if the acting user may refer to it; None also for a missing object and for an invalid key."""
    if is_beyond_keys(pk):
        return None
    try:
        instance: Any = find_object(model, pk)
    except (TypeError, ValueError):
        return None
    return instance if instance is not None and may_refer_to(instance) else None


def referable(queryset: QuerySet[M]) -> QuerySet[M]:
    """Limit a queryset of pages, files, videos or consents to those to which the acting user may refer.

    A queryset of another model is returned unchanged: its form limits it.
    """
    user = acting_user()
    if user is None or is_unrestricted(user) or not issubclass(queryset.model, CONTENT):
        return queryset
    if issubclass(queryset.model, Page):
        own = TreeLookup().condition(queryset.model, departments_of(user))
        return queryset.filter(own | Q(translation_key__in=_placed_contents(user)))
    return queryset.filter(collection__in=_own_collections(user))


def may_load(instance: Model) -> bool:
    """Return True if stored content may load the object: always, except for a screen of a user who may not refer to it.

    A request that changes content loads everything, since it may publish documents of other departments.
    """
    return not is_reading() or may_refer_to(instance)


def omit_foreign_objects(instance: Model) -> None:
    """Set the foreign keys of an object that is only shown to None where the acting user may not see the target."""
    for field in instance._meta.concrete_fields:
        if field.many_to_one and issubclass(field.related_model, CONTENT):  # type: ignore[arg-type]
            target = getattr(instance, field.name)
            if target is not None and not is_shown(target):
                setattr(instance, field.name, None)


def is_shown(instance: Model) -> bool:
    """Return True if the acting user may read the object's own texts where the content that refers to it is shown.

    Of another department's page, its published state is shown while the content is shared.
    """
    if not isinstance(instance, CONTENT):
        return True
    return may_refer_to(instance) and (not isinstance(instance, Page) or is_own(instance) or is_public(instance))


def is_own(page: Page) -> bool:
    """Return True if the page is in a department of the acting user; also True if nothing limits the acting user.

    Of any other page to which the user may refer, only the published state may be shown.
    """
    user = acting_user()
    if user is None or is_unrestricted(user):
        return True
    return page.path.startswith(tuple(department.container.path for department in departments_of(user)))


def published_title(page: Page) -> str:
    """Return the published title of a page of another department; "" if the page is not public."""
    return page.title if is_public(page) else ""


def is_public(page: Page) -> bool:
    """Return True if readers can see the page now, and it is not private."""
    return page.live and page.pk in published_pages([page.pk]) and not is_private(page)


def _is_own_collection(user: User, collection_id: int | None) -> bool:
    departments = departments_of(user)
    return collection_id in {department.collection_id for department in departments} or (
        collection_id in _own_collections(user)
    )


def _own_collections(user: User) -> set[int]:
    """Return the keys of all collections of the user's departments, and of Root, whose files belong to the instance.

    One query for the request.
    """
    known: set[int] | None = getattr(user, "_own_collections", None)
    if known is None:
        condition = TreeLookup(root="collection").condition(Collection, departments_of(user))
        known = set(Collection.objects.filter(condition | Q(depth=1)).values_list("pk", flat=True))
        user._own_collections = known  # type: ignore[union-attr]
    return known


def _placed_contents(user: User) -> set[UUID]:
    """Return the translation keys of contents that the user's departments co-hold or mirror. One query."""
    known: set[UUID] | None = getattr(user, "_placed_contents", None)
    if known is None:
        placed = Sharing.objects.placed().filter(department__in=departments_of(user))
        known = set(placed.values_list("content_key", flat=True))
        user._placed_contents = known  # type: ignore[union-attr]
    return known

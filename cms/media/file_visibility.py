"""Rules that decide who may read the file of an image, a video or a document.

The public gets the files that published documents show, and the logos of departments; never the original of an image.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.db.models import Case, Exists, ForeignKey, Model, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest
from wagtail.models import Collection, CollectionMember, CollectionViewRestriction

from sites.access.capabilities import departments_of
from sites.access.querysets import enclosing, viewable_by
from sites.models import Department

from .models import Consent, CustomDocument, CustomImage, CustomRendition, PublicFile, Video, VideoCaption
from .private_collections.collection_passwords import accepts
from .renditions.specs import LOGO_SIZES

M = TypeVar("M", bound=Model)

# Scopes that the consent of an object must have, if it has a consent. Files of other models are never public.
SCOPES: dict[type[Model], tuple[Consent.Scope, ...]] = {
    CustomImage: Consent.IMAGE_SCOPES,
    Video: Consent.VIDEO_SCOPES,
    CustomDocument: (),
}


class Audience(Enum):
    """The readers to whom a file may be sent."""

    EVERYBODY = "everybody; caches may keep the file"
    AUTHORISED_USER = "a member of the department, or a reader admitted to the collection; no cache may keep the file"


def publicly_readable(members: QuerySet[M]) -> QuerySet[M]:
    """Limit images, documents or videos to those that a published document shows, and that everybody may read today."""
    names = PublicFile.objects.current().values("name")
    if members.model is CustomImage:
        shown = Q(pk__in=CustomRendition.objects.filter(file__in=names).values("image"))
    else:
        shown = Q(file__in=names)
    if members.model is Video:  # A document shows the captions of a video that is on a platform.
        shown |= Q(pk__in=VideoCaption.objects.filter(file__in=names).values("video"))
    return members.filter(_publishable(members.model), shown)


def is_shown(name: str) -> Q:
    """Return the condition that a published document shows the file `name` now."""
    return Q(Exists(PublicFile.objects.current().filter(name=name)))


def is_shown_rendition(name: str) -> Q:
    """Return the condition that a published document shows the rendition `name`, or a department has it as its logo."""
    logos = Department.objects.filter(logo=OuterRef("pk"))
    renditions = CustomRendition.objects.filter(file=name, image=OuterRef("pk"), filter_spec__in=LOGO_SIZES)
    return is_shown(name) | Q(Exists(logos), Exists(renditions))


def audience_of(members: QuerySet[M], request: HttpRequest, shown: Q | None) -> Audience | None:
    """Return who may read the file to which the rows refer, or None if the sender of the request may not.

    `shown` is the condition of rows whose file is public; None for a file that nobody but members may read, such as
    the original of an image. Several rows can refer to one file; every row must permit reading. One query for a public
    file.
    """
    condition = Q(pk__in=[]) if shown is None else _publishable(members.model) & shown
    is_public = Case(When(condition, then=Value(True)), default=Value(False))
    rows: list[Any] = list(members.annotate(is_public=is_public))
    if not rows:
        return None
    hidden = [row for row in rows if not row.is_public]
    if not hidden:
        return Audience.EVERYBODY
    readable = set(viewable_by(members, request.user).values_list("pk", flat=True))
    if shown is not None and departments_of(request.user):
        readable |= set(members.filter(_used_by_shared_snippets(members.model)).values_list("pk", flat=True))
    is_authorised = all(row.pk in readable or (shown is not None and _is_admitted(row, request)) for row in hidden)
    return Audience.AUTHORISED_USER if is_authorised else None


def restricted_collections() -> QuerySet[Collection]:
    """Return the collections that are restricted themselves or by an ancestor."""
    return Collection.objects.filter(_restricted_condition("path"))


def _publishable(model: type[Model]) -> Q:
    """Return the condition of files that may be public: collection not restricted, and no consent or a valid one."""
    if model not in SCOPES:
        return Q(pk__in=[])
    condition = ~_restricted_condition("collection__path")
    if scopes := SCOPES[model]:
        consents = Consent.objects.valid_today().filter(scope__in=scopes)
        condition &= Q(consent=None) | Q(consent__in=consents)
    return condition


def _restricted_condition(path: str) -> Q:
    """Return the condition that the collection with the tree path in `path`, or an ancestor, is restricted."""
    restrictions = CollectionViewRestriction.objects.exclude(restriction_type=CollectionViewRestriction.NONE)
    return Q(Exists(enclosing(restrictions, "collection__path", path)))


def _used_by_shared_snippets(model: type[Model]) -> Q:
    """Return the condition of publishable rows that a shared snippet shows.

    Members of all departments may choose the snippet, and previews of their pages show the image.
    """
    used = Q(pk__in=[])
    for snippet in map(apps.get_model, settings.SHARED_SNIPPETS):
        for field in snippet._meta.get_fields():
            if isinstance(field, ForeignKey) and field.related_model is model:
                used |= Q(Exists(snippet._default_manager.filter(**{field.name: OuterRef("pk")})))
    return used & _publishable(model)


def _is_admitted(row: Model, request: HttpRequest) -> bool:
    """Return True if the reader entered the password of a private collection, or is in a group that may view it.

    The restriction "any logged-in user" admits nobody here, since users of other departments are logged in too.
    """
    if not isinstance(row, CollectionMember) or not getattr(row, "may_be_shown", True):
        return False
    restrictions = list(row.collection.get_view_restrictions())
    return bool(restrictions) and all(
        restriction.restriction_type != CollectionViewRestriction.LOGIN and accepts(restriction, request)
        for restriction in restrictions
    )

"""Rules that decide who may read the file of an image, a video or a document."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from django.db.models import Case, Exists, Model, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Collection, CollectionMember, CollectionViewRestriction

from sites.access.querysets import enclosing, viewable_by

from .models import Consent, CustomDocument, CustomImage, Video

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
    """Limit images, videos or documents to those that everybody may read today."""
    return members.filter(_public_condition(members.model))


def audience_of(members: QuerySet[M], request: HttpRequest) -> Audience | None:
    """Return who may read the file to which the rows refer, or None if the sender of the request may not.

    Several rows can refer to one file; every row must permit reading. One query for a public file.
    """
    is_public = Case(When(_public_condition(members.model), then=Value(True)), default=Value(False))
    rows: list[Any] = list(members.annotate(is_public=is_public))
    if not rows:
        return None
    hidden = [row for row in rows if not row.is_public]
    if not hidden:
        return Audience.EVERYBODY
    viewable = set(viewable_by(members, request.user).values_list("pk", flat=True))
    is_authorised = all(row.pk in viewable or _is_admitted(row, request) for row in hidden)
    return Audience.AUTHORISED_USER if is_authorised else None


def _public_condition(model: type[Model]) -> Q:
    """Return the condition of public files: collection not restricted, and no consent or a valid one."""
    if model not in SCOPES:
        return Q(pk__in=[])
    condition = ~_restricted_condition("collection__path")
    if scopes := SCOPES[model]:
        consents = Consent.objects.valid(timezone.localdate()).filter(scope__in=scopes)
        condition &= Q(consent=None) | Q(consent__in=consents)
    return condition


def restricted_collections() -> QuerySet[Collection]:
    """Return the collections that are restricted themselves or by an ancestor."""
    return Collection.objects.filter(_restricted_condition("path"))


def _restricted_condition(path: str) -> Q:
    """Return the condition that the collection with the tree path in `path`, or an ancestor, is restricted."""
    restrictions = CollectionViewRestriction.objects.exclude(restriction_type=CollectionViewRestriction.NONE)
    return Q(Exists(enclosing(restrictions, "collection__path", path)))


def _is_admitted(row: Model, request: HttpRequest) -> bool:
    """Return True if the reader entered the password of a private collection, or is in a group that may view it.

    The restriction "any logged-in user" admits nobody here, since users of other departments are logged in too.
    """
    if not isinstance(row, CollectionMember) or not getattr(row, "may_be_shown", True):
        return False
    restrictions = row.collection.get_view_restrictions()
    return all(
        restriction.restriction_type != CollectionViewRestriction.LOGIN and restriction.accept_request(request)
        for restriction in restrictions
    )

"""Who may read the file of an image, a video or a document: everybody, this reader only, or nobody."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from django.db.models import Case, CharField, Exists, ExpressionWrapper, F, Model, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Collection, CollectionMember, CollectionViewRestriction

from sites.access.querysets import viewable_by

from .models import Consent, CustomDocument, CustomImage, Video

M = TypeVar("M", bound=Model)

# What a consent, where there is one, must cover. A model that is not here is never public.
SCOPES: dict[type[Model], tuple[Consent.Scope, ...]] = {
    CustomImage: Consent.IMAGE_SCOPES,
    Video: Consent.VIDEO_SCOPES,
    CustomDocument: (),
}


class Audience(Enum):
    """Who gets a file."""

    EVERYBODY = "the same bytes for all, so caches may keep them"
    AUTHORISED_USER = "this reader, who is of the department or was admitted; no cache may keep them"


def publicly_readable(members: QuerySet[M]) -> QuerySet[M]:
    """Narrow images, videos or documents to those that everybody may read today."""
    return members.filter(_is_public(members.model))


def audience_of(members: QuerySet[M], request: HttpRequest) -> Audience | None:
    """Return who may read the file that the rows have in common; None when there is no row or not for this reader.

    One query when everybody may. Several rows with one file are one more row than there should be: the strictest
    decides.
    """
    is_public = Case(When(_is_public(members.model), then=Value(True)), default=Value(False))
    rows: list[Any] = list(members.annotate(is_public=is_public))
    if not rows:
        return None
    hidden = [row for row in rows if not row.is_public]
    if not hidden:
        return Audience.EVERYBODY
    own = set(viewable_by(members, request.user).values_list("pk", flat=True))
    is_reader = all(row.pk in own or _is_admitted(row, request) for row in hidden)
    return Audience.AUTHORISED_USER if is_reader else None


def _is_public(model: type[Model]) -> Q:
    """Whether no collection above is restricted and no consent is needed, or the one needed holds today."""
    if model not in SCOPES:
        return Q(pk__in=[])
    condition = ~_is_restricted("collection__path")
    if scopes := SCOPES[model]:
        consents = Consent.objects.valid(timezone.localdate()).filter(scope__in=scopes)
        condition &= Q(consent=None) | Q(consent__in=consents)
    return condition


def restricted_collections() -> QuerySet[Collection]:
    """Return the collections that are restricted, or stand inside one that is."""
    return Collection.objects.filter(_is_restricted("path"))


def _is_restricted(path: str) -> Q:
    """Whether a collection at or above the tree path in that field is restricted."""
    own_path = ExpressionWrapper(OuterRef(path), output_field=CharField())
    restrictions = CollectionViewRestriction.objects.exclude(restriction_type=CollectionViewRestriction.NONE)
    return Q(Exists(restrictions.annotate(own=own_path).filter(own__startswith=F("collection__path"))))


def _is_admitted(row: Model, request: HttpRequest) -> bool:
    """Whether the reader gave the password of a private collection, or is in the groups it is open to.

    "Any logged-in user" is no admission: those of other departments are logged in too.
    """
    if not isinstance(row, CollectionMember) or not getattr(row, "may_be_shown", True):
        return False
    restrictions = row.collection.get_view_restrictions()
    return all(
        restriction.restriction_type != CollectionViewRestriction.LOGIN and restriction.accept_request(request)
        for restriction in restrictions
    )

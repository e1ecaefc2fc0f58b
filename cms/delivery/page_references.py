"""Lookups of the pages that show an object, in Wagtail's reference index."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, ReferenceIndex

from cms.media.models import Consent, Video
from cms.pages.models import Organisation, Person

# Id of a content type and primary key, as the reference index stores them.
ReferenceTarget = tuple[int, str]


def embedding_models() -> tuple[type[models.Model], ...]:
    """Return the models whose objects documents embed, and which may refer to one another.

    An image refers to its consent, a person to an organisation.
    """
    return Organisation, Person, get_image_model(), get_document_model(), Video, Consent


def pages_referencing(targets: Iterable[ReferenceTarget]) -> set[int]:
    """Return the ids of pages that refer to any of the targets, directly or through embedded objects.

    One query for each content type at each level of references.
    """
    page_type = ContentType.objects.get_for_model(Page).pk
    embedding_types = {ContentType.objects.get_for_model(model).pk for model in embedding_models()}
    page_ids: set[int] = set()
    visited: set[ReferenceTarget] = set()
    pending = set(targets)
    while pending:
        visited |= pending
        sources: set[ReferenceTarget] = set()
        for type_id in {type_id for type_id, _pk in pending}:
            object_ids = [object_id for target_type_id, object_id in pending if target_type_id == type_id]
            sources.update(
                ReferenceIndex.objects.filter(to_content_type_id=type_id, to_object_id__in=object_ids)
                .values_list("base_content_type_id", "object_id")
                .distinct()
            )
        page_ids |= {int(object_id) for type_id, object_id in sources if type_id == page_type}
        pending = {source for source in sources if source[0] in embedding_types} - visited
    return page_ids


def pages_referenced_by(page_ids: Iterable[int]) -> set[int]:
    """Return the ids of the pages to which the given pages refer. One query."""
    page_type = ContentType.objects.get_for_model(Page).pk
    from_these_pages = Q(base_content_type_id=page_type, object_id__in=[str(page_id) for page_id in page_ids])
    references = ReferenceIndex.objects.filter(from_these_pages, to_content_type_id=page_type)
    return {int(object_id) for object_id in references.values_list("to_object_id", flat=True).distinct()}


def page_reference_targets(page_ids: Iterable[int]) -> set[ReferenceTarget]:
    """Return pages as targets for `pages_referencing`."""
    page_type = ContentType.objects.get_for_model(Page).pk
    return {(page_type, str(page_id)) for page_id in page_ids}

"""Which pages show an object, according to Wagtail's reference index."""

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

ReferenceTarget = tuple[int, str]  # content type and primary key, as the reference index stores them


def embedding_models() -> tuple[type[models.Model], ...]:
    """Models that documents show and that may show one another: a consent's image, a person's organisation."""
    return Organisation, Person, get_image_model(), get_document_model(), Video, Consent


def pages_referencing(targets: Iterable[ReferenceTarget]) -> set[int]:
    """Return the ids of pages that refer to any of the targets, directly or through other embedding models."""
    page_type = ContentType.objects.get_for_model(Page).pk
    embedding_types = {ContentType.objects.get_for_model(model).pk for model in embedding_models()}
    page_ids: set[int] = set()
    seen: set[ReferenceTarget] = set()
    frontier = set(targets)
    while frontier:
        seen |= frontier
        found: set[ReferenceTarget] = set()
        for type_id in {type_id for type_id, _pk in frontier}:
            keys = [key for each_type, key in frontier if each_type == type_id]
            found.update(
                ReferenceIndex.objects.filter(to_content_type_id=type_id, to_object_id__in=keys)
                .values_list("base_content_type_id", "object_id")
                .distinct()
            )
        page_ids |= {int(key) for type_id, key in found if type_id == page_type}
        frontier = {target for target in found if target[0] in embedding_types} - seen
    return page_ids


def pages_referenced_by(page_ids: Iterable[int]) -> set[int]:
    """Return the ids of pages that the given pages refer to."""
    page_type = ContentType.objects.get_for_model(Page).pk
    of_these_pages = Q(base_content_type_id=page_type, object_id__in=[str(page_id) for page_id in page_ids])
    targets = ReferenceIndex.objects.filter(of_these_pages, to_content_type_id=page_type)
    return {int(key) for key in targets.values_list("to_object_id", flat=True).distinct()}


def page_reference_targets(page_ids: Iterable[int]) -> set[ReferenceTarget]:
    """Return pages as targets of references."""
    page_type = ContentType.objects.get_for_model(Page).pk
    return {(page_type, str(page_id)) for page_id in page_ids}

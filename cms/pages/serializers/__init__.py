"""Serializers: one per content type, each returns the `content` of the published document (docs/document.md)."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string

from cms.content_types.registry import document_type_of
from cms.pages import models

from .context import SerializerContext
from .values.images import image_data

__all__ = ["SerializerContext", "serialize"]


def serialize(page: models.ContentPage, context: SerializerContext) -> dict[str, Any]:
    """Return the part of a document that depends on the page alone: type, title, slug, summary, image and content.

    `cms.delivery` adds the department, the placements, the URL and the alternates.
    Raises LookupError for a page model that is not declared in `cms.content_types`.
    """
    document_type = document_type_of(type(page))
    return {
        "type": document_type.name,
        "title": page.title,
        "slug": page.slug,
        "summary": page.summary,
        "image": image_data(page.image, context, alt=page.image_alt),
        "content": import_string(document_type.serializer)(page, context),
    }

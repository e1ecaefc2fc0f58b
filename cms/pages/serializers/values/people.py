"""Serializers of organisations and people."""

from __future__ import annotations

from typing import Any

from cms.pages.models import Organisation, Person
from sites.validation.links import safe_url

from ..context import SerializerContext
from .images import image_data


def organisation_data(organisation: Organisation | None, context: SerializerContext) -> dict[str, Any] | None:
    """Return an Organisation (docs/document.md), or None."""
    if organisation is None:
        return None
    context.uses(organisation)
    if organisation.department is not None:
        context.uses(organisation.department)
    return {
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": organisation.kind,
        "country": organisation.country,
        "website": safe_url(organisation.website),
        "description": organisation.description,
        "logo": image_data(organisation.logo, context),
        "department": organisation.department.slug if organisation.department else "",
    }


def person_data(person: Person | None, context: SerializerContext) -> dict[str, Any] | None:
    """Return a Person (docs/document.md), or None."""
    if person is None:
        return None
    context.uses(person)
    if person.organisation is not None:
        context.uses(person.organisation)
    return {
        "name": person.name,
        "role": person.role,
        "organisation": person.organisation.name if person.organisation else "",
        "biography": person.biography,
        "photo": image_data(person.photo, context),
    }

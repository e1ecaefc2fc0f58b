"""Look-up of declared content types. Every function reads the declarations at the time of the call."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from . import declarations
from .document_type import DocumentType


def document_types() -> tuple[DocumentType, ...]:
    """Return all declared types, in the order of the declarations."""
    return declarations.DOCUMENT_TYPES


def find_document_type(name: str) -> DocumentType | None:
    """Return the declared type with this name, or None."""
    return next((document_type for document_type in document_types() if document_type.name == name), None)


def get_document_type(name: str) -> DocumentType:
    """Return the declared type with this name; raise LookupError if there is none."""
    if (document_type := find_document_type(name)) is None:
        raise LookupError(f"there is no content type {name!r} in cms/content_types/declarations.py")
    return document_type


def document_type_of(model: type[Model]) -> DocumentType:
    """Return the type that declares a page model; raise LookupError if there is none."""
    for document_type in document_types():
        if document_type.model == model._meta.label:
            return document_type
    raise LookupError(f"no content type in cms/content_types/declarations.py names the model {model._meta.label}")


def is_declared(model: type[Model]) -> bool:
    """Return True if a declaration names the page model."""
    return any(document_type.model == model._meta.label for document_type in document_types())


def listable_types() -> list[DocumentType]:
    """Return the types that sections may list, in the order of the declarations."""
    return [document_type for document_type in document_types() if document_type.is_listable]


def listable_type_choices() -> list[tuple[str, Any]]:
    """Return (name, plural label) of the types that sections may list: choices of a form field."""
    return [(document_type.name, document_type.label_plural) for document_type in listable_types()]

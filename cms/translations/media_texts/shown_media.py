"""The registry of the media that published pages show. The packages of media and of pages cannot be imported here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model, QuerySet

from cms.translations.models import MediaText
from sites.models import Department

IMAGE, DOCUMENT, VIDEO = "image", "document", "video"

# The field of a medium with the text that readers see. A video has none: its transcript is a text of its page.
TEXT_FIELDS: Mapping[str, str] = {IMAGE: MediaText.Field.DESCRIPTION, DOCUMENT: MediaText.Field.TITLE}

# Takes a department; returns its images, documents and videos that a published page shows to everybody.
Finder = Callable[[Department], Mapping[str, QuerySet[Any]]]

_finders: dict[str, Finder] = {}


def register_shown_media(media: Finder, snippets: Finder) -> None:
    """Register the functions that find the media of a department, and its snippets in the source language.

    Called once, when the applications are ready. The kind of a snippet is the name of its model.
    """
    _finders.update(media=media, snippets=snippets)


def shown_media(department: Department) -> Mapping[str, QuerySet[Any]]:
    """Return the querysets of the media of a department that published pages show, by kind."""
    return _finders["media"](department)


def own_snippets(department: Department) -> Mapping[str, QuerySet[Any]]:
    """Return the querysets of the snippets that a department owns, in its source language, by kind."""
    return _finders["snippets"](department)


def kind_of(model: type[Model]) -> str:
    """Return the kind of a model that has translated texts: the name of the foreign key to it. Raises LookupError."""
    for kind in TEXT_FIELDS:
        if MediaText._meta.get_field(kind).related_model is model:
            return kind
    raise LookupError(model)


def source_text(kind: str, item: Any) -> str:
    """Return the text of an image or a document, in the source language of its department."""
    return str(getattr(item, TEXT_FIELDS[kind]))

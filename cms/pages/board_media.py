"""The media of a department that published pages show, and its snippets, for the board of translations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from cms.media.file_visibility import publicly_readable
from cms.media.models import CustomDocument, CustomImage, Video
from cms.translations.media_texts.shown_media import DOCUMENT, IMAGE, VIDEO
from sites.access.querysets import for_department
from sites.models import Department

from .models import Organisation, Person


def media_shown_by_pages(department: Department) -> Mapping[str, QuerySet[Any]]:
    """Return the images, documents and videos in the collections of a department that everybody may see today."""
    media: dict[str, QuerySet[Any]] = {
        IMAGE: CustomImage.objects.all(),
        DOCUMENT: CustomDocument.objects.all(),
        VIDEO: Video.objects.all(),
    }
    return {kind: publicly_readable(for_department(rows, department)) for kind, rows in media.items()}


def snippets_of(department: Department) -> Mapping[str, QuerySet[Any]]:
    """Return the organisations and people that a department owns, in its source language."""
    own = {"owner": department, "locale": department.source_locale}
    return {"organisation": Organisation.objects.filter(**own), "person": Person.objects.filter(**own)}

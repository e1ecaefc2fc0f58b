"""System checks: `manage.py check` names each part that a declared content type lacks."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import translation
from django.utils.module_loading import import_string

from .document_type import DocumentType, ListOrder
from .registry import document_types

HINT = "See “Add a content type” in CONTRIBUTING.md."
SOURCE_LANGUAGE = "en"  # Labels are written in English; English needs no catalogue.


class _UntranslatedFallback(gettext.NullTranslations):
    """A fallback catalogue that raises KeyError, so that a missing translation is detected."""

    def gettext(self, message: str) -> str:
        raise KeyError(message)


@register("content_types")
def check_document_types(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Return an error for each part that a declared type lacks."""
    return [
        Error(f"Content type “{document_type.name}”: {message}.", hint=HINT, id=f"content_types.{code}")
        for document_type in document_types()
        for code, message in _missing_parts(document_type)
    ]


def _missing_parts(document_type: DocumentType) -> Iterator[tuple[str, str]]:
    """Yield code and description of each missing part."""
    if not _is_model(document_type.model):
        yield "E001", _absent("model", document_type.model)
    if not _is_importable(document_type.serializer):
        yield "E002", _absent("serializer", document_type.serializer)
    if not (document_type.template and template_exists(document_type.template)):
        yield "E003", _absent("reader template", document_type.template)
    yield from _missing_labels(document_type)
    if document_type.search is None:
        yield "E006", "it has no search mapping"
    if not document_type.factory:
        yield "E007", "it names no test factory"
    if document_type.is_listable and not document_type.api_list:
        yield "E008", "sections may list it, but it has no list in the API (`api_list`)"
    if document_type.list_order is ListOrder.UPCOMING_FIRST and not document_type.has_dates:
        yield "E009", "it is listed by date, but has no dates (`has_dates`)"


def _absent(part: str, name: str) -> str:
    return f"there is no {part} “{name}”" if name else f"it names no {part}"


def _missing_labels(document_type: DocumentType) -> Iterator[tuple[str, str]]:
    labels = {"label": document_type.label}
    if document_type.is_listable:
        labels["label_plural"] = document_type.label_plural
    for name, label in labels.items():
        with translation.override(None):  # Gives the message as it is written in the declaration.
            message = str(label)
        if not message:
            yield "E004", f"it has no `{name}`"
            continue
        for code, _language in settings.LANGUAGES:
            if not _is_translated(message, code):
                yield "E005", f"`{name}` (“{message}”) has no translation in the catalogue of “{code}”"


def _is_translated(message: str, language_code: str) -> bool:
    """Return True if the language's catalogue has the message, or if the language has no catalogue."""
    if language_code == SOURCE_LANGUAGE:
        return True
    catalogues = []
    for folder in settings.LOCALE_PATHS:
        with suppress(FileNotFoundError):
            catalogues.append(gettext.translation("django", folder, [translation.to_locale(language_code)]))
    return not catalogues or any(_has_message(catalogue, message) for catalogue in catalogues)


def _has_message(catalogue: gettext.NullTranslations, message: str) -> bool:
    catalogue.add_fallback(_UntranslatedFallback())
    try:
        catalogue.gettext(message)
    except KeyError:
        return False
    return True


def _is_model(label: str) -> bool:
    try:
        apps.get_model(label)
    except (LookupError, ValueError):
        return False
    return True


def _is_importable(path: str) -> bool:
    try:
        import_string(path)
    except ImportError:
        return False
    return True


def template_exists(name: str) -> bool:
    """Return True if a template with this name can be loaded."""
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True

"""House rules, checked by `manage.py check`: what a page type must have before it can be used."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import Error, register
from wagtail.models import Page

from .models import ContentPage
from .serializers import CONTENT_SERIALIZERS


def page_types() -> list[type[ContentPage]]:
    """Return every concrete page type."""
    return [model for model in apps.get_app_config("pages").get_models() if issubclass(model, ContentPage)]


@register("pages")
def check_page_types(app_configs: Any, **kwargs: Any) -> list[Error]:
    errors: list[Error] = []
    for model in page_types():
        if model not in CONTENT_SERIALIZERS:
            errors.append(
                Error(
                    f"{model.__name__} has no serializer.",
                    hint="Add it to CONTENT_SERIALIZERS in cms/pages/serializers/__init__.py.",
                    obj=model,
                    id="pages.E001",
                )
            )
        if undeclared := _undeclared_fields(model):
            errors.append(
                Error(
                    f"{model.__name__} does not say whether these fields are translated: {', '.join(undeclared)}.",
                    hint="Add them to `translatable_fields`, through translated() or synchronised().",
                    obj=model,
                    id="pages.E002",
                )
            )
    return errors


def _undeclared_fields(model: type[ContentPage]) -> list[str]:
    declared = {field.field_name for field in model.translatable_fields}
    inherited = {field.name for field in Page._meta.get_fields()} | {"page_ptr"}
    own = {field.name for field in model._meta.get_fields() if field.concrete} - inherited
    return sorted(own - declared)

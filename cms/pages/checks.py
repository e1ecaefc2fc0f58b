"""System checks of page models and of the blocks of bodies.

Each page model is declared as a content type and says how its fields are translated. Each block has a reader template.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import Error, register
from wagtail.models import Page

from cms.blocks import streams
from cms.content_types.checks import template_exists
from cms.content_types.registry import is_declared

from .models import ContentPage


def page_types() -> list[type[ContentPage]]:
    """Return every concrete page model."""
    return [model for model in apps.get_models() if issubclass(model, ContentPage)]


@register("pages")
def check_page_types(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Return an error for each page model that is no declared content type, and for each undeclared field."""
    errors: list[Error] = []
    for model in page_types():
        if not is_declared(model):
            errors.append(
                Error(
                    f"{model.__name__} is not declared as a content type.",
                    hint="Add an entry to cms/content_types/declarations.py.",
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


@register("pages")
def check_body_blocks(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Return an error for each block of a body that the reader cannot render."""
    return [
        Error(
            f"The block “{name}” has no reader template.",
            hint=f"Add cms/reader/templates/{_block_template(name)}.",
            id="pages.E003",
        )
        for name, _block in streams.BODY
        if not template_exists(_block_template(name))
    ]


def _block_template(name: str) -> str:
    return f"reader/blocks/{name}.html"


def _undeclared_fields(model: type[ContentPage]) -> list[str]:
    """Return the names of the model's own fields that `translatable_fields` lacks, sorted."""
    declared = {field.field_name for field in model.translatable_fields}
    inherited = {field.name for field in Page._meta.get_fields()} | {"page_ptr"}
    own = {field.name for field in model._meta.get_fields() if field.concrete} - inherited
    return sorted(own - declared)

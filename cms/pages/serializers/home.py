"""Serializers of home, section and standard pages."""

from __future__ import annotations

from typing import Any

from cms.pages.models import DepartmentHomePage, SectionPage, StandardPage

from .context import SerializerContext
from .values.rich_text import rich_text_html
from .values.stream_values import stream_blocks, stream_values


def home_content(page: DepartmentHomePage, context: SerializerContext) -> dict[str, Any]:
    return {
        "introduction": rich_text_html(page.introduction, context),
        "highlights": stream_values(page.highlights, context),
        "body": stream_blocks(page.body, context),
    }


def section_content(page: SectionPage, context: SerializerContext) -> dict[str, Any]:
    return {"introduction": rich_text_html(page.introduction, context), "lists": page.lists}


def standard_content(page: StandardPage, context: SerializerContext) -> dict[str, Any]:
    return {"body": stream_blocks(page.body, context)}

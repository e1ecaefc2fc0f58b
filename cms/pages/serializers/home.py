"""Published content of home, section and free pages."""

from __future__ import annotations

from typing import Any

from cms.pages.models import DepartmentHomePage, SectionPage, StandardPage

from .context import SerializerContext
from .streams import body, items
from .text import html


def home_content(page: DepartmentHomePage, context: SerializerContext) -> dict[str, Any]:
    return {
        "introduction": html(page.introduction, context),
        "highlights": items(page.highlights, context),
        "body": body(page.body, context),
    }


def section_content(page: SectionPage, context: SerializerContext) -> dict[str, Any]:
    return {"introduction": html(page.introduction, context), "lists": page.lists}


def standard_content(page: StandardPage, context: SerializerContext) -> dict[str, Any]:
    return {"body": body(page.body, context)}

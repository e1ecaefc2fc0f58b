"""Template tags of the screens on which pages are unpublished or deleted."""

from __future__ import annotations

from typing import Any

from django import template
from wagtail.models import Page

from cms.translations.withdrawn_sources import effect_on_translations, with_descendants

register = template.Library()


@register.simple_tag
def translations_of_page(page: Page) -> list[str]:
    """Return what happens to the translations of a page that is unpublished, and of the pages below it."""
    return effect_on_translations(with_descendants([page]))


@register.simple_tag
def translations_of_items(items: list[dict[str, Any]]) -> list[str]:
    """Return what happens to the translations of the pages of a bulk action, and of the pages below them."""
    return effect_on_translations(with_descendants([item["item"] for item in items]))

"""Form parts that find a published content: search hits as choices, without JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cms.delivery.models import PublishedDocument
from cms.delivery.models.stored_json import parse_card
from search.engines.contract import EngineUnavailable
from search.query.search_query import SearchQuery, fallback_chain, parse_words
from search.results import public_cards, search_live_index
from sites.models import Department

from .language_fields import language_name

MAX_CHOICES = 8
LOOK_UP = "look-up"  # Name of the button that searches for contents and does not save the form.


class LookUpInput(forms.TextInput):
    """A text field for search words with its own button."""

    template_name = "cms_search/look_up.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"button": LOOK_UP}


def search_contents(words: str, language: str, department: Department | None) -> list[dict[str, Any]]:
    """Return the cards of the best hits on the department's site, or on all sites.

    Call it outside transactions. Raises EngineUnavailable.
    """
    query = SearchQuery(
        words=parse_words(words),
        locales=fallback_chain(language),
        filters={"department": (department.slug,)} if department else {},
        limit=MAX_CHOICES,
    )
    answer = search_live_index(query)
    if answer.is_partial:
        raise EngineUnavailable("the index answers only in part")
    return [card for _hit, card in public_cards(answer.hits)]


def cards_by_content(
    content_ids: set[UUID], language: str = "", department: Department | None = None
) -> dict[UUID, dict[str, Any]]:
    """Return the cards of the contents that are public on the department's site, or on any site. One query.

    A card is in the given language if the content exists in it, otherwise in the original language.
    """
    documents = PublishedDocument.objects.public().filter(content_id__in=content_ids)
    if department is not None:
        documents = documents.on_site_of(department)
    cards: dict[UUID, dict[str, Any]] = {}
    for content_id, text, page_id in documents.order_by("is_original", "pk").values_list(
        "content_id", "card", "page_id"
    ):
        is_needed = content_id not in cards or cards[content_id]["locale"] != language
        if is_needed and (card := parse_card(text, page_id)):
            cards[content_id] = card
    return cards


def content_placements(content_ids: set[UUID]) -> set[tuple[UUID, int]]:
    """Return (content id, key of the department) for each site that shows one of the contents. One query."""
    documents = PublishedDocument.objects.public().filter(content_id__in=content_ids)
    rows: Any = documents.values_list("content_id", "placements__department")
    return set(rows)


def content_choice_label(card: dict[str, Any], language: str) -> SafeString:
    """Return the label of a choice: title, language if it differs from that of the form, and URL."""
    other = "" if card["locale"] == language else f" ({language_name(card['locale'])})"
    location = card["url"].partition("://")[2]
    return format_html('<span>{}{}<small class="cms-location">{}</small></span>', card["title"], other, location)

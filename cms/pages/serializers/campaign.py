"""Serializer of campaigns."""

from __future__ import annotations

from typing import Any

from cms.pages.models import CampaignPage
from sites.validation.links import safe_url

from .context import SerializerContext
from .values.rich_text import rich_text_html
from .values.stream_values import stream_blocks, stream_values


def campaign_content(page: CampaignPage, context: SerializerContext) -> dict[str, Any]:
    call_to_action = None
    if url := safe_url(page.call_to_action_url):
        call_to_action = {"label": page.call_to_action_label, "url": url}
    return {
        "introduction": rich_text_html(page.introduction, context),
        "target_professions": stream_values(page.target_professions, context),
        "key_figures": stream_values(page.key_figures, context),
        "employer_offer": stream_values(page.employer_offer, context),
        "testimonials": stream_values(page.testimonials, context),
        "vacancies": stream_values(page.vacancies, context),
        "related_events": stream_values(page.related_events, context),
        "call_to_action": call_to_action,
        "body": stream_blocks(page.body, context),
    }

"""Published content of campaigns."""

from __future__ import annotations

from typing import Any

from cms.pages.models import CampaignPage
from sites.validation.links import safe_address

from .context import SerializerContext
from .streams import body, items
from .text import html


def campaign_content(page: CampaignPage, context: SerializerContext) -> dict[str, Any]:
    call_to_action = None
    if url := safe_address(page.call_to_action_url):
        call_to_action = {"label": page.call_to_action_label, "url": url}
    return {
        "introduction": html(page.introduction, context),
        "target_professions": items(page.target_professions, context),
        "key_figures": items(page.key_figures, context),
        "employer_offer": items(page.employer_offer, context),
        "testimonials": items(page.testimonials, context),
        "vacancies": items(page.vacancies, context),
        "related_events": items(page.related_events, context),
        "call_to_action": call_to_action,
        "body": body(page.body, context),
    }

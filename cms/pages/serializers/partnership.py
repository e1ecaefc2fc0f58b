"""Serializer of partnerships."""

from __future__ import annotations

from typing import Any

from cms.pages.models import PartnershipPage

from .context import SerializerContext
from .values.rich_text import rich_text_html
from .values.stream_values import stream_blocks, stream_values


def partnership_content(page: PartnershipPage, context: SerializerContext) -> dict[str, Any]:
    contacts = stream_values(page.contact, context)
    return {
        "kind": page.kind,
        "programme": page.programme,
        "action_code": page.action_code,
        "action_label": page.action_label,
        "status": page.status,
        "signed_on": page.signed_on.isoformat() if page.signed_on else None,
        "duration_months": page.duration_months,
        "is_exclusive": page.is_exclusive,
        "deadline": page.deadline,
        "updated_on": page.updated_on,
        "keywords": stream_values(page.keywords, context),
        "origin": {
            "text": rich_text_html(page.origin, context),
            "date": page.origin_date,
            "participants": page.origin_participants,
            "organisations": stream_values(page.origin_organisations, context),
            "horizon_year": page.horizon_year,
        },
        "objectives": stream_values(page.objectives, context),
        "themes": stream_values(page.themes, context),
        "activities": stream_values(page.activities, context),
        "partners": [_partner(partner) for partner in stream_values(page.partners, context)],
        "pairing_rule": page.pairing_rule,
        "partner_types_sought": stream_values(page.partner_types_sought, context),
        "initiatives": stream_values(page.initiatives, context),
        "deliverables": stream_values(page.deliverables, context),
        "signatories": stream_values(page.signatories, context),
        "key_figures": stream_values(page.key_figures, context),
        "contact": contacts[0] if contacts else None,
        "related_articles": stream_values(page.related_articles, context),
        "body": stream_blocks(page.body, context),
    }


def _partner(partner: dict[str, Any]) -> dict[str, Any]:
    """Return a partner, with the country of its organisation if it has no country itself."""
    organisation = partner["organisation"]
    country = partner["country"] or (organisation["country"] if organisation else "")
    return {**partner, "country": country}

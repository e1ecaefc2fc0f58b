"""Published content of partnerships."""

from __future__ import annotations

from typing import Any

from cms.pages.models import PartnershipPage

from .context import SerializerContext
from .streams import body, items
from .text import html


def partnership_content(page: PartnershipPage, context: SerializerContext) -> dict[str, Any]:
    contacts = items(page.contact, context)
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
        "keywords": items(page.keywords, context),
        "origin": {
            "text": html(page.origin, context),
            "date": page.origin_date,
            "participants": page.origin_participants,
            "organisations": items(page.origin_organisations, context),
            "horizon_year": page.horizon_year,
        },
        "objectives": items(page.objectives, context),
        "themes": items(page.themes, context),
        "activities": items(page.activities, context),
        "partners": [_partner(partner) for partner in items(page.partners, context)],
        "pairing_rule": page.pairing_rule,
        "partner_types_sought": items(page.partner_types_sought, context),
        "initiatives": items(page.initiatives, context),
        "deliverables": items(page.deliverables, context),
        "signatories": items(page.signatories, context),
        "key_figures": items(page.key_figures, context),
        "contact": contacts[0] if contacts else None,
        "related_articles": items(page.related_articles, context),
        "body": body(page.body, context),
    }


def _partner(partner: dict[str, Any]) -> dict[str, Any]:
    """Return a partner that has its organisation's country when it has none of its own."""
    organisation = partner["organisation"]
    country = partner["country"] or (organisation["country"] if organisation else "")
    return {**partner, "country": country}

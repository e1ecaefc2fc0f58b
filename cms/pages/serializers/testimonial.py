"""Serializer of testimonials."""

from __future__ import annotations

from typing import Any

from cms.pages.models import TestimonialPage

from .context import SerializerContext
from .values.files import video_data
from .values.people import organisation_data
from .values.rich_text import rich_text_html
from .values.stream_values import stream_blocks


def testimonial_content(page: TestimonialPage, context: SerializerContext) -> dict[str, Any]:
    return {
        "person": {
            "name": page.person_name,
            "is_pseudonym": page.is_pseudonym,
            "role": page.role,
            "employer": organisation_data(page.employer, context),
        },
        "profession": context.card(page.profession_id) if page.profession_id else None,
        "video": video_data(page.video, context),
        "transcript": rich_text_html(page.transcript, context),
        "quotation": page.quotation,
        "body": stream_blocks(page.body, context),
    }

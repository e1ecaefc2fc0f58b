"""What the published document of each page type holds. One serializer per type; the contract is docs/document.md."""

from __future__ import annotations

from typing import Any

from cms.pages import models

from .campaign import campaign_content
from .context import SerializerContext
from .event import event_content
from .home import home_content, section_content, standard_content
from .image import image_data
from .partnership import partnership_content
from .profession import profession_content
from .testimonial import testimonial_content

CONTENT_SERIALIZERS = {
    models.CampaignPage: campaign_content,
    models.DepartmentHomePage: home_content,
    models.EventPage: event_content,
    models.PartnershipPage: partnership_content,
    models.ProfessionPage: profession_content,
    models.SectionPage: section_content,
    models.StandardPage: standard_content,
    models.TestimonialPage: testimonial_content,
}

__all__ = ["CONTENT_SERIALIZERS", "SerializerContext", "serialize"]


def serialize(page: models.ContentPage, context: SerializerContext) -> dict[str, Any]:
    """Return what a page says of itself: type, title, slug, summary, image and content.

    Where the document stands (department, address, alternates) is added by `cms.delivery`, which knows it.
    """
    return {
        "type": page.document_type,
        "title": page.title,
        "slug": page.slug,
        "summary": page.summary,
        "image": image_data(page.image, context, alt=page.image_alt),
        "content": CONTENT_SERIALIZERS[type(page)](page, context),
    }

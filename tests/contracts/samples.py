"""Publication of one page per type, with every field and every kind of block filled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wagtail.fields import StreamField
from wagtail.models import Locale, Page

from cms.pages import models
from tests.factories.pages import home_of, make_page
from tests.factories.sharing import hold_together, mirror

from . import field_values
from .sample_media import SampleMedia, make_sample_media

# Fixed translation keys, which are the ids of the documents.
KEYS = {
    "home": UUID("00000000-0000-4000-8000-000000000001"),
    "section": UUID("00000000-0000-4000-8000-000000000002"),
    "standard": UUID("00000000-0000-4000-8000-000000000003"),
    "campaign": UUID("00000000-0000-4000-8000-000000000004"),
    "profession": UUID("00000000-0000-4000-8000-000000000005"),
    "testimonial": UUID("00000000-0000-4000-8000-000000000006"),
    "event": UUID("00000000-0000-4000-8000-000000000007"),
    "partnership": UUID("00000000-0000-4000-8000-000000000008"),
    "testimonial.hosted": UUID("00000000-0000-4000-8000-000000000009"),
}


def publish_samples() -> dict[str, models.ContentPage]:
    """Publish the French pages and an English translation of the event; return the pages by name.

    A name is a content type, with a suffix for a second page of the type. Call it inside a transaction, so that the
    documents are made after the pages have their fixed keys.
    """
    media = make_sample_media()
    pages = _make_empty(media)
    for name, page in pages.items():
        _fill(page, field_values.common(name, media) | field_values.BY_NAME[name](media, pages))
    hold_together(pages["event"], media.co_holder)
    mirror(pages["profession"], media.mirrors)
    return pages | {"event.en": _translate(pages["event"])}


def _make_empty(media: SampleMedia) -> dict[str, models.ContentPage]:
    """Create the pages with the required fields only, since the other fields refer to pages."""
    owner = media.owner
    Page.objects.filter(translation_key=home_of(owner).translation_key).update(translation_key=KEYS["home"])
    owner.site.refresh_from_db()
    home = home_of(owner)

    def make(name: str, model: type[models.ContentPage], parent: Any, **required: Any) -> models.ContentPage:
        slug = name.replace(".", "-")
        return make_page(model, parent, publish=False, slug=slug, translation_key=KEYS[name], **required)

    video, hosted_video = media.uploaded_video, media.hosted_video
    return {
        "home": home,
        "section": make("section", models.SectionPage, home, lists="event"),
        "standard": make("standard", models.StandardPage, home),
        "campaign": make("campaign", models.CampaignPage, owner),
        "profession": make("profession", models.ProfessionPage, owner),
        "testimonial": make("testimonial", models.TestimonialPage, owner, consent=media.consent, video=video),
        "testimonial.hosted": make(
            "testimonial.hosted", models.TestimonialPage, owner, consent=media.consent, video=hosted_video
        ),
        "event": make("event", models.EventPage, owner),
        "partnership": make("partnership", models.PartnershipPage, owner),
    }


def _fill(page: models.ContentPage, values: dict[str, Any]) -> None:
    """Set the fields, validate as the editor does, and publish."""
    for name, value in values.items():
        field = page._meta.get_field(name)
        if isinstance(field, StreamField):
            value = field.stream_block.clean(field.stream_block.normalize(value))
        setattr(page, name, value)
    page.enforces_publication_rules = True
    page.full_clean()
    page.save_revision().publish()
    page.refresh_from_db()


def _translate(page: models.ContentPage) -> models.ContentPage:
    english = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    _fill(english, {"title": "Tell me about your work", "slug": "tell-me"})
    return english

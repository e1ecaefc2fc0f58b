"""The library as published pages of an instance, so that every search reads the same content."""

from __future__ import annotations

import json
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.text import slugify
from wagtail.models import Page

from cms.content_types.registry import get_document_type
from cms.pages import models
from sites.lifecycle.provisioning import create_department
from sites.models import Department
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import home_of

from .library import LANGUAGES, LibraryDocument, departments, library_documents

MODELS = {
    "campaign": models.CampaignPage,
    "event": models.EventPage,
    "partnership": models.PartnershipPage,
    "profession": models.ProfessionPage,
    "standard": models.StandardPage,
    "testimonial": models.TestimonialPage,
}
# The field of each type that gets the running text; Wagtail's own search must read it too.
TEXT_FIELDS = {
    "campaign": "introduction",
    "event": "introduction",
    "partnership": "origin",
    "profession": "missions",
    "testimonial": "transcript",
}
LISTS = ("keywords", "other_names")
SECTIONS = {
    "campaign": {"fr": "Campagnes", "en": "Campaigns", "it": "Campagne", "fi": "Kampanjat"},
    "event": {"fr": "Événements", "en": "Events", "it": "Eventi", "fi": "Tapahtumat"},
    "partnership": {"fr": "Partenariats", "en": "Partnerships", "it": "Partenariati", "fi": "Kumppanuudet"},
    "profession": {"fr": "Métiers", "en": "Professions", "it": "Professioni", "fi": "Ammatit"},
    "testimonial": {"fr": "Témoignages", "en": "Testimonials", "it": "Testimonianze", "fi": "Kokemuksia"},
}


def content_id(key: str) -> UUID:
    """Return the content id of a library key."""
    return uuid5(NAMESPACE_URL, key)


def publish_library() -> None:
    """Create the departments and publish every document of the library as a page."""
    owners = {}
    for number, (slug, name) in enumerate(departments().items(), start=1):
        host, code = f"{slug}.example.test", f"{number:02}"
        owners[slug] = create_department(
            code=code, name=name, slug=slug, hostname=host, locales=list(LANGUAGES), source=LANGUAGES[0]
        )
    media: dict[str, object] = {"consent": ConsentFactory(), "video": VideoFactory()}
    parents: dict[tuple[str, str, str], Page] = {}
    professions: dict[tuple[str, str], Page] = {}
    for text in library_documents():
        section = (text.department, text.locale, text.type)
        if section not in parents:
            parents[section] = _parent(owners[text.department], text)
        page = _page(text, parents[section], media, professions)
        if text.type == "profession" and text.locale == "fr":
            professions[text.department, text.facts["profession"]] = page


def _parent(department: Department, text: LibraryDocument) -> Page:
    home = home_of(department, text.locale)
    lists = text.type if get_document_type(text.type).is_listable else None
    if lists is None:
        return home
    section = models.SectionPage(title=SECTIONS[lists][text.locale], slug=lists, lists=lists, locale=home.locale)
    return home.add_child(instance=section)


def _page(
    text: LibraryDocument, parent: Page, media: dict[str, object], professions: dict[tuple[str, str], Page]
) -> Page:
    fields = {name: _list(value) if name in LISTS else value for name, value in text.fields.items()}
    if name := TEXT_FIELDS.get(text.type):
        fields[name] = f"<p>{text.text}</p>"
    else:
        fields["body"] = json.dumps([{"type": "text", "value": f"<p>{text.text}</p>"}])
    # A page may refer to professions of its own department only.
    profession = professions.get((text.department, text.facts.get("profession", "")))
    if text.type == "testimonial":
        fields |= {**media, "profession": profession}
    elif text.type == "campaign" and profession is not None:
        fields["target_professions"] = json.dumps([{"type": "page", "value": profession.pk}])
    page = MODELS[text.type](
        title=text.title,
        slug=slugify(text.key.replace("/", "-")),
        summary=text.summary,
        locale=parent.locale,
        translation_key=content_id(text.key),
        **fields,
    )
    return parent.add_child(instance=page)


def _list(values: list[str]) -> str:
    return json.dumps([{"type": "item", "value": value} for value in values])

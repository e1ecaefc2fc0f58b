"""Values of the shared shapes in sample documents (docs/document.md, “Shared shapes”)."""

from __future__ import annotations

from typing import Any

ROOT = "http://allier.example.test"


def image(name: str, alt: str, credit: str = "Photo: L. Martin") -> dict[str, Any]:
    """Return an Image whose large size is 1600 pixels wide."""
    return {
        "url": f"{ROOT}/media/{name}.max-1600.jpg",
        "width": 1600,
        "height": 1067,
        "alt": alt,
        "credit": credit,
        "thumbnail": {"url": f"{ROOT}/media/{name}.max-480.jpg", "width": 480, "height": 320},
    }


def organisation(name: str, short_name: str = "", kind: str = "association", **members: Any) -> dict[str, Any]:
    return {
        "name": name,
        "short_name": short_name,
        "kind": kind,
        "country": "FR",
        "website": "",
        "description": "",
        "logo": None,
        "department": "",
        **members,
    }


def holder(slug: str, name: str, relation: str, url: str, contact: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a Holder; its contact defaults to the department."""
    own = {"name": name, "role": "", "email": f"contact@{slug}.example", "phone": "+33 4 70 00 00 00"}
    return {
        "department": slug,
        "name": name,
        "relation": relation,
        "url": url,
        "contact": None if relation == "mirror" else contact or own,
    }


def card(type_: str, title: str, path: str, **members: Any) -> dict[str, Any]:
    return {
        "id": "6f6d3ab2-0000-4000-8000-000000000001",
        "type": type_,
        "locale": "en",
        "department": "allier",
        "title": title,
        "summary": f"What there is to know: {title}.",
        "path": path,
        "url": ROOT + path,
        "image": None,
        "start": None,
        "translation": None,
        **members,
    }


LINKED_HTML = (
    '<p>First steps are told <a href="http://allier.example.test/en/about/">on the page about us</a>.</p>'
    "<h3>How it began</h3><ul><li>With a question</li></ul>"
)
KEY_FIGURES: list[dict[str, Any]] = [
    {
        "qualifier": "exact",
        "value": "949",
        "unit": "M€",
        "label": "social budget, a record",
        "year": 2022,
        "source": "Annual report",
    },
    {"qualifier": "more_than", "value": "4,700", "unit": "", "label": "members of staff", "year": None, "source": ""},
]
CONTACT: dict[str, Any] = {
    "name": "Mission for cooperation",
    "role": "Head of European projects",
    "email": "contact@isere.example",
    "phone": "+33 4 76 00 00 00",
}
FILE: dict[str, Any] = {
    "title": "Press release of the day",
    "url": f"{ROOT}/documents/7/release.pdf",
    "size": 245760,
    "media_type": "application/pdf",
    "hash": "8ba74a3f0f8d9bb9b1f2b9b3d24b3e2d4a3c3f5e",
    "kind": "press_release",
    "language": "fr",
}
PROFESSION_CARD = card("profession", "Special needs educator", "/en/professions/educator/")
TESTIMONIAL_CARD = card(
    "testimonial", "Inès accompanies families", "/en/testimonials/ines/", image=image("ines", "Inès in her office")
)
EVENT_CARD = card("event", "E-Tonomy Job", "/fr/evenements/e-tonomy/", locale="fr", start="2023-10-03")

BODY = [
    {"type": "heading", "value": "A chapter of its own"},
    {"type": "text", "value": "<p>Running text with <strong>weight</strong>.</p><h3>A detail</h3><h4>Finer</h4>"},
    {"type": "quotation", "value": {"text": "We learn from one another.", "author": "M. Roux", "role": "Trainer"}},
    {"type": "image", "value": {"image": image("signing", "Two people sign"), "caption": "The signing in June"}},
    {"type": "key_figures", "value": [{**KEY_FIGURES[0], "label": "figure inside the text"}]},
    {"type": "document", "value": {**FILE, "title": "White paper", "url": f"{ROOT}/documents/8/white-paper.pdf"}},
    {
        "type": "person",
        "value": {
            "name": "Noor Leroy",
            "role": "Philosopher",
            "organisation": "University of the Alps",
            "biography": "Writes about care.",
            "photo": image("noor", "Noor at her desk"),
        },
    },
    {"type": "organisation", "value": organisation("Federation of carers", "FOC", description="Since 1956.")},
    {"type": "call_to_action", "value": {"label": "Write to us", "url": "https://example.org/write"}},
    {"type": "related", "value": [card("standard", "Legal notice", "/en/legal/")]},
]

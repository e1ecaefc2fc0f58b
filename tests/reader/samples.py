"""Sample documents, one per type, with every key of docs/document.md filled, from the cases of the project.

`document(type, …)` adds the keys that all documents share to a content.
"""

from __future__ import annotations

import copy
from typing import Any

from .document_values import (
    BODY,
    CONTACT,
    EVENT_CARD,
    FILE,
    KEY_FIGURES,
    LINKED_HTML,
    PROFESSION_CARD,
    ROOT,
    TESTIMONIAL_CARD,
    card,
    holder,
    image,
    organisation,
)


def document(type_: str, content: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """Return a document of a type, with the sample content or another one."""
    path = members.get("path", f"/en/{type_}s/sample/")
    return {
        "id": "0b7f5a3c-0000-4000-8000-000000000000",
        "type": type_,
        "locale": "en",
        "department": "allier",
        "departments": ["allier"],
        "holders": [holder("allier", "Allier", "owner", ROOT + path)],
        "title": f"Sample of a {type_}",
        "slug": "sample",
        "summary": "Two sentences for lists. And for partners.",
        "path": path,
        "url": ROOT + path,
        "image": image("cover", "A full room listens to a speaker"),
        "first_published_at": "2025-01-15T10:00:00+01:00",
        "last_published_at": "2025-02-20T10:00:00+01:00",
        "origin": None,
        "translation": {
            "status": "translated",
            "source_locale": "fr",
            "source_url": f"{ROOT}/fr/originaux/exemple/",
            "untranslated": [],
        },
        "alternates": [
            {
                "locale": "fr",
                "title": "Exemple en français",
                "path": "/fr/originaux/exemple/",
                "url": f"{ROOT}/fr/originaux/exemple/",
            }
        ],
        "content": copy.deepcopy(CONTENT[type_] if content is None else content),
        **members,
    }


EVENT = {
    "tagline": "At the heart of people, at the heart of tomorrow",
    "introduction": "<p>A day to <em>discover</em> social professions.</p><h3>Made with students</h3><p>Of Vichy.</p>",
    "status": "moved_online",
    "attendance_mode": "mixed",
    "start": "2024-04-02T09:15:00+02:00",
    "end": "2024-04-02T17:00:00+02:00",
    "time_zone": "Europe/Paris",
    "days": [
        {
            "date": "2024-04-02",
            "title": "The day of crossed views",
            "sessions": [
                {
                    "start": "2024-04-02T09:15:00+02:00",
                    "end": "2024-04-02T09:30:00+02:00",
                    "title": "Official welcome",
                    "description": "<p>Elected members and the State.</p>",
                    "room": "Great hall",
                    "kind": "opening",
                    "speakers": [
                        {
                            "name": "Julie Soustre",
                            "role": "philosopher",
                            "organisation": "University of Lyon",
                            "is_main": True,
                        },
                        {"name": "A student", "role": "", "organisation": "", "is_main": False},
                    ],
                },
                {
                    "start": "2024-04-02T14:30:00+02:00",
                    "end": None,
                    "title": "Local committees of social work",
                    "description": "",
                    "room": "",
                    "kind": "round_table",
                    "speakers": [],
                },
            ],
        }
    ],
    "stands": [
        {
            "title": "Escape game",
            "kind": "animation",
            "description": "An immersive game.",
            "holder": organisation("IRFSS Croix-Rouge", "IRFSS", "training", website="https://irfss.example/"),
            "hours": "All day long",
        }
    ],
    "venue": {
        "name": "Espace du parc",
        "address": "Rue du Parc",
        "postcode": "03700",
        "city": "Bellerive-sur-Allier",
        "country": "FR",
        "latitude": 46.1167,
        "longitude": 3.4042,
        "access": "Bus B from Vichy station",
    },
    "online_url": "https://live.example.org/day",
    "objectives": ["Make the professions attractive"],
    "audiences": ["Professionals", "People changing career"],
    "price": {"is_free": False, "amount": "12.50", "currency": "EUR", "note": "Students come free of charge"},
    "registration": {
        "url": "https://register.example.org/day",
        "opens_at": "2024-02-01T08:00:00+01:00",
        "closes_at": "2024-03-29T18:00:00+01:00",
        "capacity": 350,
        "note": "One form for each person",
    },
    "theme": {
        "text": "Crossing knowledge and practices in social work.",
        "footnotes": [
            {"term": "Crossing knowledge", "text": "An approach in which people concerned train professionals."},
            {"term": "Haut conseil", "text": "The national council of social work."},
        ],
    },
    "edition": {"number": 3, "series": "Festival of the CLTS", "first_year": 2022},
    "organisers": [
        {
            "organisation": organisation(
                "Département de l'Allier",
                "CD 03",
                "department",
                department="allier",
                description="Leads social action.",
                logo=image("logo", "Logo of the Allier"),
            ),
            "role": "Carries the project",
            "contact": {**CONTACT, "name": "Service of social action", "email": "contact@allier.example"},
        }
    ],
    "partners": [{"organisation": organisation("Préfecture de l'Allier", "", "state"), "role": "State partner"}],
    "committees": [
        {
            "name": "Steering committee",
            "since": "September 2019",
            "role": "<p>Validates <strong>orientations</strong>.</p>",
            "objectives": ["Share local initiatives", "Support changing practices"],
            "members": [
                {
                    "organisation": organisation("CIAS du Blaisois", "CIAS", "local_authority"),
                    "name": "",
                    "role": "Chair",
                    "alternates_with": "UDCCAS 37",
                },
                {"organisation": None, "name": "Two people concerned", "role": "", "alternates_with": ""},
            ],
        }
    ],
    "funding_frame": {
        "name": "Pacte des solidarités",
        "start_year": 2024,
        "end_year": 2027,
        "description": "A pact between the State and the departments.",
    },
    "professions": [PROFESSION_CARD],
    "testimonials": [TESTIMONIAL_CARD],
    "documents": [FILE],
    "body": BODY,
}

PARTNERSHIP = {
    "kind": "erasmus",
    "programme": "Erasmus+ adult education",
    "action_code": "KA204",
    "action_label": "Strategic partnership, exchange of good practices",
    "status": "seeking",
    "signed_on": "2019-06-14",
    "duration_months": 36,
    "is_exclusive": False,
    "deadline": "2020-03",
    "updated_on": "2019-10-15",
    "keywords": ["inclusion", "foresight"],
    "origin": {
        "text": "<p>It began with a day of foresight.</p>" + LINKED_HTML,
        "date": "2018-09",
        "participants": 120,
        "organisations": [{"organisation": organisation("Society of foresight"), "role": "Led the day"}],
        "horizon_year": 2050,
    },
    "objectives": ["Describe the professions of 2050"],
    "themes": [{"title": "Attractiveness", "text": "<p>How professions evolve.</p>"}],
    "activities": [
        {
            "title": "Learning mobilities in turn",
            "kind": "mobility",
            "start": "2020-12",
            "end": "end of 2021",
            "place": "In each country",
            "countries": ["FR", "IT"],
            "participants": 200,
            "participants_note": "10 professionals a country",
            "days": 5,
            "description": "<p>Five days each.</p>",
        }
    ],
    "partners": [
        {
            "organisation": organisation("Regione Valle d'Aosta", "RAVA", "public_body", country="IT"),
            "name": "",
            "country": "IT",
            "role": "Hosts a mobility",
            "status": "to_be_confirmed",
            "pairing": "With a training body of Aosta",
        },
        {
            "organisation": organisation("Département de l'Isère", "", "department"),
            "name": "",
            "country": "FR",
            "role": "",
            "status": "coordinator",
            "pairing": "",
        },
        {
            "organisation": None,
            "name": "A Finnish municipality",
            "country": "FI",
            "role": "",
            "status": "sought",
            "pairing": "",
        },
        {"organisation": None, "name": "Any EU country", "country": "", "role": "", "status": "sought", "pairing": ""},
    ],
    "pairing_rule": "Each country brings a pair with at least one public body",
    "partner_types_sought": ["Training bodies", "Social economy organisations"],
    "initiatives": [{"title": "Immersive placements", "text": "<p>In the association's structures.</p>"}],
    "deliverables": [
        {
            "title": "Shared typology of professions",
            "level": "European",
            "due_on": "2021-11-30",
            "state": "in_progress",
            "language": "en",
            "description": "Profiles with missions and skills.",
            "file": {**FILE, "title": "First draft of the typology", "url": f"{ROOT}/documents/9/draft.pdf"},
        }
    ],
    "signatories": [
        {
            "organisation": organisation("IRTS Parmentier", "IRTS", "training", website="https://irts.example/"),
            "representative": "Claire Dupont",
            "role": "Director general",
            "quotation": "Students discover what the work is.",
        },
        {
            "organisation": organisation("Aurore", description="About 3,000 employees."),
            "representative": "Paul Petit",
            "role": "Director of Aurore",
            "quotation": "",
        },
    ],
    "key_figures": KEY_FIGURES,
    "contact": CONTACT,
    "related_articles": [{"label": "Posts hard to fill", "url": "https://news.example.org/posts"}],
    "body": BODY,
}

PROFESSION = {
    "other_names": ["Éducatrice spécialisée", "ES"],
    "missions": LINKED_HTML,
    "know_how": ["Build a project with a person"],
    "interpersonal_skills": ["Listen without judging"],
    "training": "<p>Three years after the baccalauréat.</p>",
    "diplomas": [
        {"name": "Diplôme d'État d'éducateur spécialisé", "level": "6", "rncp": "RNCP36836", "duration": "3 years"}
    ],
    "work_settings": ["Children's homes"],
    "working_conditions": "<p>Sometimes at weekends.</p>",
    "salary": {"minimum": 2100, "maximum": 2900, "currency": "EUR", "period": "month", "note": "With allowances"},
    "rome_code": "K1207",
    "esco_uri": "http://data.europa.eu/esco/occupation/1a2b",
    "isco_code": "2635",
    "rncp_numbers": ["RNCP36836", "RNCP4500"],
    "posts_open": 12,
    "apply_url": "https://jobs.example.org/educator",
    "testimonials": [TESTIMONIAL_CARD],
    "body": BODY,
}

TESTIMONIAL = {
    "person": {
        "name": "Inès B.",
        "is_pseudonym": True,
        "role": "Special needs educator for ten years",
        "employer": organisation("Département des Hauts-de-Seine", "CD 92", "department"),
    },
    "profession": PROFESSION_CARD,
    "video": {
        "file_url": f"{ROOT}/media/videos/ines.mp4",
        "page_url": "https://videos.example.org/w/ines",
        "embed_url": "https://videos.example.org/videos/embed/ines",
        "language": "fr",
        "duration": 200,
        "poster": image("poster", "Inès smiles at the camera", "Capture: IUT of Vichy"),
        "captions": [
            {"language": "en", "label": "English captions", "url": f"{ROOT}/media/captions/ines.en.vtt"},
            {"language": "fr", "label": "Sous-titres", "url": f"{ROOT}/media/captions/ines.fr.vtt"},
        ],
    },
    "transcript": "<p>My name is Inès and this is my work.</p>",
    "quotation": "No day is like the one before.",
    "body": BODY,
}

CAMPAIGN = {
    "introduction": "<p>About 120 posts are open.</p>",
    "target_professions": [PROFESSION_CARD],
    "key_figures": KEY_FIGURES,
    "employer_offer": [{"title": "Working time", "text": "<p>35 or 39 hours, and telework.</p>"}],
    "testimonials": [TESTIMONIAL_CARD],
    "vacancies": [
        {
            "title": "Doctor in maternal and child protection",
            "profession": card("profession", "PMI doctor", "/en/professions/pmi-doctor/"),
            "count": 8,
            "place": "Nanterre",
            "url": "https://jobs.example.org/doctor",
            "closes_on": "2024-12-31",
        }
    ],
    "related_events": [EVENT_CARD],
    "call_to_action": {"label": "See all posts", "url": "https://jobs.example.org/"},
    "body": BODY,
}

CONTENT: dict[str, dict[str, Any]] = {
    "home": {"introduction": LINKED_HTML, "highlights": [PROFESSION_CARD, EVENT_CARD], "body": BODY},
    "section": {"introduction": LINKED_HTML, "lists": "event"},
    "standard": {"body": BODY},
    "campaign": CAMPAIGN,
    "profession": PROFESSION,
    "testimonial": TESTIMONIAL,
    "event": EVENT,
    "partnership": PARTNERSHIP,
}

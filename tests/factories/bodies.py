"""Bodies of published documents with every key of docs/document.md."""

from __future__ import annotations

import copy
from typing import Any

from django.utils.text import slugify

IMAGE = {
    "url": "https://media.example.test/images/village.max-1600x1600.jpg",
    "width": 1600,
    "height": 1067,
    "alt": "Visiteurs devant le stand d'un service d'aide à domicile",
    "credit": "Photo : Département",
    "thumbnail": {
        "url": "https://media.example.test/images/village.max-480x480.jpg",
        "width": 480,
        "height": 320,
    },
}
ORGANISATION = {
    "name": "Mission locale de l'Exemple",
    "short_name": "MLE",
    "kind": "association",
    "country": "FR",
    "website": "https://mission-locale.example",
    "description": "Accompagne les jeunes vers l'emploi.",
    "logo": None,
    "department": "",
}
CONTACT = {
    "name": "Service emploi",
    "role": "Accueil",
    "email": "emploi@example.test",
    "phone": "+33 4 70 00 00 01",
}
BODY = [
    {"type": "heading", "value": "À savoir"},
    {"type": "text", "value": "<p>Entrée libre, <strong>sans inscription</strong>.</p>"},
    {"type": "quotation", "value": {"text": "Un métier utile.", "author": "Camille", "role": "Aide"}},
    {"type": "image", "value": {"image": IMAGE, "caption": "Le village des métiers"}},
    {"type": "call_to_action", "value": {"label": "Venir", "url": "https://example.test/venir"}},
]
KEY_FIGURE = {
    "qualifier": "about",
    "value": "1 200",
    "unit": "postes",
    "label": "à pourvoir",
    "year": 2025,
    "source": "Enquête",
}

EVENT = {
    "tagline": "Deux jours pour découvrir les métiers du soin",
    "introduction": "<p>Rencontres, démonstrations et entretiens.</p>",
    "status": "scheduled",
    "attendance_mode": "in_person",
    "start": "2026-03-12T09:00:00+01:00",
    "end": "2026-03-13T17:00:00+01:00",
    "time_zone": "Europe/Paris",
    "days": [
        {
            "date": "2026-03-12",
            "title": "Journée des professionnels",
            "sessions": [
                {
                    "start": "2026-03-12T09:00:00+01:00",
                    "end": "2026-03-12T10:30:00+01:00",
                    "title": "Travailler à domicile",
                    "description": "<p>Table ronde ouverte à tous.</p>",
                    "room": "Salle A",
                    "kind": "round_table",
                    "speakers": [
                        {
                            "name": "Dominique Exemple",
                            "role": "Directrice",
                            "organisation": "Mission locale de l'Exemple",
                            "is_main": True,
                        }
                    ],
                }
            ],
        },
        {
            "date": "2026-03-13",
            "title": "Journée du public",
            "sessions": [
                {
                    "start": "2026-03-13T14:00:00+01:00",
                    "end": "2026-03-13T17:00:00+01:00",
                    "title": "Ateliers",
                    "description": "",
                    "room": "",
                    "kind": "workshop",
                    "speakers": [],
                }
            ],
        },
    ],
    "stands": [
        {
            "title": "Aide à domicile",
            "kind": "stand",
            "description": "Essayer les gestes du métier.",
            "holder": ORGANISATION,
            "hours": "9 h – 17 h",
        }
    ],
    "venue": {
        "name": "Parc des expositions",
        "address": "1 avenue de l'Exemple",
        "postcode": "03000",
        "city": "Moulins",
        "country": "FR",
        "latitude": 46.5647,
        "longitude": 3.3325,
        "access": "Ligne A, arrêt Parc",
    },
    "online_url": "",
    "objectives": ["Donner envie"],
    "audiences": ["Demandeurs d'emploi", "Lycéens"],
    "price": {"is_free": True, "amount": None, "currency": "EUR", "note": ""},
    "registration": {"url": "", "opens_at": None, "closes_at": None, "capacity": 300, "note": "Entrée libre"},
    "theme": {"text": "Le soin", "footnotes": [{"term": "SAD", "text": "Service autonomie à domicile"}]},
    "edition": {"number": 3, "series": "Raconte-moi", "first_year": 2024},
    "organisers": [{"organisation": ORGANISATION, "role": "Organisateur", "contact": CONTACT}],
    "partners": [{"organisation": ORGANISATION, "role": "Partenaire"}],
    "committees": [],
    "funding_frame": None,
    "professions": [],
    "testimonials": [],
    "documents": [
        {
            "title": "Programme",
            "url": "https://media.example.test/documents/programme.pdf",
            "size": 120_000,
            "media_type": "application/pdf",
            "hash": "8ba74a3f0f8d9bb9b1f2b9b3d24b3e2d4a3c3f5e",
            "kind": "programme",
            "language": "fr",
        }
    ],
    "body": BODY,
}
PROFESSION = {
    "other_names": ["Auxiliaire de vie"],
    "missions": "<p>Aider une personne dans les gestes de tous les jours.</p>",
    "know_how": ["Préparer un repas"],
    "interpersonal_skills": ["Écoute"],
    "training": "<p>Formation en alternance possible.</p>",
    "diplomas": [{"name": "Diplôme d'accompagnant", "level": "3", "rncp": "36004", "duration": "12 mois"}],
    "work_settings": ["Domicile"],
    "working_conditions": "<p>Horaires de jour.</p>",
    "salary": {"minimum": 1850, "maximum": 2100, "currency": "EUR", "period": "month", "note": "brut"},
    "rome_code": "K1302",
    "esco_uri": "",
    "isco_code": "5322",
    "rncp_numbers": ["36004"],
    "posts_open": 42,
    "apply_url": "https://example.test/candidature",
    "testimonials": [],
    "body": BODY,
}
TESTIMONIAL = {
    "person": {"name": "Camille", "is_pseudonym": True, "role": "Aide à domicile", "employer": ORGANISATION},
    "profession": None,
    "video": {
        "file_url": "https://media.example.test/videos/camille.mp4",
        "page_url": "",
        "embed_url": "",
        "language": "fr",
        "duration": 95,
        "poster": IMAGE,
        "captions": [
            {
                "language": "fr",
                "label": "Français",
                "url": "https://media.example.test/captions/camille.fr.vtt",
            }
        ],
    },
    "transcript": "<p>Chaque matin, je commence par un café avec Madame R.</p>",
    "quotation": "On ne s'ennuie jamais.",
    "body": BODY,
}
PARTNERSHIP = {
    "kind": "erasmus",
    "programme": "Erasmus+",
    "action_code": "KA220-VET",
    "action_label": "Partenariats de coopération",
    "status": "seeking",
    "signed_on": None,
    "duration_months": 24,
    "is_exclusive": None,
    "deadline": "2026-03-05",
    "updated_on": "2026-01",
    "keywords": ["autonomie"],
    "origin": {
        "text": "<p>Une visite d'étude.</p>",
        "date": "2018-09",
        "participants": 120,
        "organisations": [],
        "horizon_year": 2050,
    },
    "objectives": ["Échanger des formations"],
    "themes": [{"title": "Formation", "text": "Des modules communs."}],
    "activities": [
        {
            "title": "Mobilité d'apprenants",
            "kind": "mobility",
            "start": "2026-10",
            "end": "2026-11",
            "place": "Turin",
            "countries": ["IT"],
            "participants": 12,
            "participants_note": "",
            "days": 14,
            "description": "",
        }
    ],
    "partners": [
        {
            "organisation": ORGANISATION,
            "name": "",
            "country": "FR",
            "role": "Coordination",
            "status": "coordinator",
            "pairing": "",
        }
    ],
    "pairing_rule": "",
    "partner_types_sought": ["Centre de formation"],
    "initiatives": [],
    "deliverables": [],
    "signatories": [],
    "key_figures": [KEY_FIGURE],
    "contact": CONTACT,
    "related_articles": [],
    "body": BODY,
}
CAMPAIGN = {
    "introduction": "<p>Le Département recrute.</p>",
    "target_professions": [],
    "key_figures": [KEY_FIGURE],
    "employer_offer": [{"title": "Formation payée", "text": "<p>Dès le premier jour.</p>"}],
    "testimonials": [],
    "vacancies": [
        {
            "title": "Aide à domicile",
            "profession": None,
            "count": 12,
            "place": "Moulins",
            "url": "https://example.test/offres/1",
            "closes_on": "2026-06-30",
        }
    ],
    "related_events": [],
    "call_to_action": {"label": "Postuler", "url": "https://example.test/candidature"},
    "body": BODY,
}
CONTENT: dict[str, dict[str, Any]] = {
    "home": {"introduction": "<p>Bienvenue.</p>", "highlights": [], "body": BODY},
    "section": {"introduction": "<p>Tous les événements.</p>", "lists": "event"},
    "standard": {"body": BODY},
    "campaign": CAMPAIGN,
    "profession": PROFESSION,
    "testimonial": TESTIMONIAL,
    "event": EVENT,
    "partnership": PARTNERSHIP,
}


def document_body(document: Any) -> dict[str, Any]:
    """Return the body of a document (docs/document.md) from the columns of its row and its `facts`."""
    root_url = document.department.site.root_url
    return {
        "id": str(document.content_id),
        "type": document.type,
        "locale": document.locale,
        "department": document.department.slug,
        "departments": [department.slug for department in (document.department, *document.also_on)],
        "holders": [
            {
                "department": department.slug,
                "name": department.name,
                "relation": "co_holder" if number else "owner",
                "url": department.site.root_url + document.path,
                "contact": {
                    "name": department.name,
                    "role": "",
                    "email": department.contact_email,
                    "phone": department.contact_phone,
                },
            }
            for number, department in enumerate((document.department, *document.also_on))
        ],
        "title": document.title,
        "slug": slugify(document.title),
        "summary": f"En deux phrases : {document.title}. Ouvert à tous.",
        "path": document.path,
        "url": root_url + document.path,
        "image": copy.deepcopy(IMAGE),
        "first_published_at": "2026-01-10T09:00:00+01:00",
        "last_published_at": "2026-01-12T16:30:00+01:00",
        "origin": None,
        "translation": {
            "status": "original" if document.is_original else "translated",
            "source_locale": "fr",
            "source_url": root_url + document.path,
            "untranslated": [],
        },
        "alternates": [],
        "content": copy.deepcopy(CONTENT[document.type]) | document.facts,
    }

"""Field values of the sample pages: a value for every field of a type, and every kind of block."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from wagtail.rich_text import RichText

from .sample_media import SampleMedia

Pages = dict[str, Any]
Fields = dict[str, Any]

TITLES = {
    "home": "Allier",
    "section": "Événements",
    "standard": "À propos",
    "campaign": "L'Allier recrute",
    "profession": "Assistante ou assistant de service social",
    "testimonial": "Camille, assistante sociale",
    "testimonial.hosted": "Camille, vue d'ailleurs",
    "event": "Raconte-moi ton métier",
    "partnership": "Autonomie en Europe",
}
PARIS = ZoneInfo("Europe/Paris")
KEY_FIGURE = {
    "qualifier": "about",
    "value": "4 700",
    "unit": "agents",
    "label": "au service du public",
    "year": 2025,
    "source": "Bilan",
}


def common(name: str, media: SampleMedia) -> Fields:
    """Return the fields that all types have."""
    return {
        "title": TITLES[name],
        "summary": "Deux phrases. Pour les listes.",
        "image": media.picture,
        "image_alt": "Le village des métiers, vu d'en haut",
    }


def _body(media: SampleMedia, pages: Pages) -> list[tuple[str, Any]]:
    link = f'<a linktype="page" id="{pages["standard"].pk}">la page</a>'
    download = f'<a linktype="document" id="{media.document.pk}">le programme</a>'
    return [
        ("heading", "À savoir"),
        ("text", RichText(f"<h3>Venir</h3><p>Lire <b>bien</b> {link} et {download}.</p><ul><li>À pied</li></ul>")),
        ("quotation", {"text": "Un métier utile.", "author": "Camille", "role": "Assistante sociale"}),
        ("image", {"image": media.picture, "alt": "Les stands", "caption": "Le village, en 2025"}),
        ("key_figures", [KEY_FIGURE]),
        ("document", media.document),
        ("person", media.person),
        ("organisation", media.organisation),
        ("call_to_action", {"label": "Nous rejoindre", "url": "https://allier.example/rejoindre"}),
        ("related", [pages["event"]]),
    ]


def _contact(media: SampleMedia) -> dict[str, Any]:
    return {
        "person": media.person,
        "name": "",
        "role": "Référente",
        "email": "emploi@example.test",
        "phone": "+33 4 70 00 00 01",
    }


def _home(media: SampleMedia, pages: Pages) -> Fields:
    return {
        "introduction": "<p>Bienvenue dans l'<i>Allier</i>.</p>",
        "highlights": [("page", pages["event"])],
        "body": _body(media, pages),
    }


def _section(media: SampleMedia, pages: Pages) -> Fields:
    return {"introduction": "<p>Tous nos rendez-vous.</p>", "show_in_menus": True}


def _standard(media: SampleMedia, pages: Pages) -> Fields:
    return {"body": _body(media, pages)}


def _campaign(media: SampleMedia, pages: Pages) -> Fields:
    return {
        "introduction": "<p>Cent postes à pourvoir.</p>",
        "target_professions": [("page", pages["profession"])],
        "key_figures": [("figure", KEY_FIGURE)],
        "employer_offer": [("item", {"title": "Télétravail", "text": RichText("<p>Deux jours par semaine.</p>")})],
        "testimonials": [("page", pages["testimonial"])],
        "vacancies": [
            (
                "vacancy",
                {
                    "title": "Assistant social à Vichy",
                    "profession": pages["profession"],
                    "count": 3,
                    "place": "Vichy",
                    "url": "https://allier.example/offres/1",
                    "closes_on": datetime.date(2026, 6, 30),
                },
            )
        ],
        "related_events": [("page", pages["event"])],
        "call_to_action_label": "Postuler",
        "call_to_action_url": "https://allier.example/postuler",
        "body": _body(media, pages),
    }


def _profession(media: SampleMedia, pages: Pages) -> Fields:
    return {
        "other_names": [("item", "ASS")],
        "missions": "<p>Accueillir, écouter, orienter.</p>",
        "know_how": [("item", "Mener un entretien")],
        "interpersonal_skills": [("item", "Écoute")],
        "training": "<p>Trois ans après le baccalauréat.</p>",
        "diplomas": [
            (
                "diploma",
                {
                    "name": "Diplôme d'État d'assistant de service social",
                    "level": "6",
                    "rncp": "RNCP34825",
                    "duration": "3 ans",
                },
            )
        ],
        "work_settings": [("item", "Maison des solidarités")],
        "working_conditions": "<p>Horaires de bureau.</p>",
        "salary_minimum": 1950,
        "salary_maximum": 2900,
        "salary_currency": "EUR",
        "salary_period": "month",
        "salary_note": "Primes comprises",
        "rome_code": "K1201",
        "esco_uri": "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-000000000000",
        "isco_code": "2635",
        "rncp_numbers": [("number", "RNCP34825")],
        "posts_open": 42,
        "apply_url": "https://allier.example/postuler",
        "testimonials": [("page", pages["testimonial"])],
        "body": _body(media, pages),
    }


def _testimonial(media: SampleMedia, pages: Pages) -> Fields:
    return {
        "person_name": "Camille",
        "is_pseudonym": True,
        "role": "Assistante de service social",
        "employer": media.organisation,
        "profession": pages["profession"],
        "transcript": "<p>Bonjour. Je suis assistante sociale.</p>",
        "quotation": "On ne s'ennuie jamais.",
        "body": _body(media, pages),
    }


def _event(media: SampleMedia, pages: Pages) -> Fields:
    organisation = media.organisation
    speakers = [
        {"person": media.person, "name": "", "role": "", "organisation": "", "is_main": True},
        {"person": None, "name": "Alex", "role": "Étudiante", "organisation": "IRTS", "is_main": False},
    ]
    session = {
        "start": datetime.time(9),
        "end": datetime.time(10, 30),
        "title": "Ouverture",
        "kind": "opening",
        "description": RichText("<p>Mot d'accueil.</p>"),
        "room": "Salle A",
        "speakers": speakers,
    }
    members = [
        {"organisation": organisation, "name": "", "role": "Présidence", "alternates_with": "le Département"},
        {"organisation": None, "name": "Une étudiante", "role": "Membre", "alternates_with": ""},
    ]
    return {
        "tagline": "Deux jours pour découvrir les métiers du social",
        "introduction": "<p>Rencontres et démonstrations.</p>",
        "status": "full",
        "attendance_mode": "mixed",
        "start_date": datetime.date(2026, 3, 28),
        "end_date": datetime.date(2026, 3, 29),  # The clock changes that night.
        "start_time": datetime.time(9),
        "end_time": datetime.time(17),
        "time_zone": "Europe/Paris",
        "days": [
            ("day", {"date": datetime.date(2026, 3, 28), "title": "Les métiers", "sessions": [session]}),
            ("day", {"date": datetime.date(2026, 3, 29), "title": "Les formations", "sessions": [session]}),
        ],
        "stands": [
            (
                "stand",
                {
                    "title": "Essayer un fauteuil",
                    "kind": "animation",
                    "description": "Parcours de 20 minutes.",
                    "holder": organisation,
                    "hours": "9 h – 17 h",
                },
            )
        ],
        "venue_name": "Parc des expositions",
        "venue_address": "1 avenue de l'Exemple",
        "venue_postcode": "03000",
        "venue_city": "Moulins",
        "venue_country": "FR",
        "venue_latitude": Decimal("46.564700"),
        "venue_longitude": Decimal("3.332500"),
        "venue_access": "Ligne A, arrêt Parc.",
        "online_url": "https://allier.example/direct",
        "objectives": [("item", "Faire connaître les métiers")],
        "audiences": [("item", "Lycéens")],
        "is_free": False,
        "price_amount": Decimal("12.50"),
        "price_currency": "EUR",
        "price_note": "Gratuit avant 18 ans",
        "registration_url": "https://allier.example/inscription",
        "registration_opens_at": datetime.datetime(2026, 2, 1, 8, tzinfo=PARIS),
        "registration_closes_at": datetime.datetime(2026, 3, 20, 18, tzinfo=PARIS),
        "registration_capacity": 300,
        "registration_note": "Sur présentation du billet",
        "theme": "Le soin",
        "theme_footnotes": [("footnote", {"term": "Soin", "text": "Au sens large."})],
        "edition_number": 3,
        "series": "Raconte-moi",
        "series_first_year": 2024,
        "organisers": [
            (
                "organiser",
                {
                    "organisation": media.organisation,
                    "role": "Organisateur",
                    "contacts": [_contact(media)],
                },
            )
        ],
        "partners": [("partner", {"organisation": organisation, "role": "Accueil des stands"})],
        "committees": [
            (
                "committee",
                {
                    "name": "Comité de pilotage",
                    "since": "septembre 2019",
                    "role": RichText("<p>Choisir le thème.</p>"),
                    "objectives": ["Réunir les acteurs"],
                    "members": members,
                },
            )
        ],
        "funding_name": "Pacte des solidarités",
        "funding_start_year": 2024,
        "funding_end_year": 2027,
        "funding_description": "Contrat entre l'État et le Département.",
        "professions": [("page", pages["profession"])],
        "testimonials": [("page", pages["testimonial"])],
        "documents": [("document", media.document)],
        "body": _body(media, pages),
    }


def _partnership(media: SampleMedia, pages: Pages) -> Fields:
    organisation = media.organisation
    titled_text = {"title": "Formation", "text": RichText("<p>Des modules communs.</p>")}
    return {
        "kind": "erasmus",
        "programme": "Erasmus+",
        "action_code": "KA220-VET",
        "action_label": "Partenariats de coopération",
        "status": "signed",
        "signed_on": datetime.date(2026, 1, 5),
        "duration_months": 24,
        "is_exclusive": False,
        "deadline": "2026-03-05",
        "updated_on": "2026-01",
        "keywords": [("item", "autonomie")],
        "origin": "<p>Une visite d'étude.</p>",
        "origin_date": "2018-09",
        "origin_participants": 14,
        "origin_organisations": [("partner", {"organisation": organisation, "role": "Accueil de la visite"})],
        "horizon_year": 2030,
        "objectives": [("item", "Échanger des formations")],
        "themes": [("item", titled_text)],
        "activities": [
            (
                "activity",
                {
                    "title": "Mobilité d'apprenants",
                    "kind": "mobility",
                    "start": "octobre 2026",
                    "end": "novembre 2026",
                    "place": "Turin",
                    "countries": ["IT"],
                    "participants": 12,
                    "participants_note": "6 par pays",
                    "days": 14,
                    "description": RichText("<p>Deux semaines en service.</p>"),
                },
            )
        ],
        "partners": [
            (
                "partner",
                {
                    "organisation": organisation,
                    "name": "",
                    "country": "",
                    "role": "Coordination",
                    "status": "coordinator",
                    "pairing": "avec un hôpital",
                },
            ),
            (
                "partner",
                {
                    "organisation": None,
                    "name": "Une école de soins",
                    "country": "FI",
                    "role": "",
                    "status": "sought",
                    "pairing": "",
                },
            ),
        ],
        "pairing_rule": "Une école et un employeur",
        "partner_types_sought": [("item", "Centre de formation")],
        "initiatives": [("item", titled_text)],
        "deliverables": [
            (
                "deliverable",
                {
                    "title": "Guide",
                    "level": "européen",
                    "due_on": datetime.date(2027, 9, 1),
                    "state": "in_progress",
                    "language": "en",
                    "description": "Pour les tuteurs.",
                    "file": media.document,
                },
            )
        ],
        "signatories": [
            (
                "signatory",
                {
                    "organisation": organisation,
                    "representative": "Dominique Exemple",
                    "role": "Directrice",
                    "quotation": "Nous avançons ensemble.",
                },
            )
        ],
        "key_figures": [("figure", KEY_FIGURE)],
        "contact": [("contact", _contact(media))],
        "related_articles": [("link", {"label": "Le premier voyage", "url": "https://allier.example/voyage"})],
        "body": _body(media, pages),
    }


BY_NAME: dict[str, Callable[[SampleMedia, Pages], Fields]] = {
    "home": _home,
    "section": _section,
    "standard": _standard,
    "campaign": _campaign,
    "profession": _profession,
    "testimonial": _testimonial,
    "testimonial.hosted": _testimonial,
    "event": _event,
    "partnership": _partnership,
}

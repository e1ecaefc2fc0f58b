"""Sample documents in several languages for the tests of both engines."""

import datetime
from dataclasses import replace

from search.search_documents import SearchDocument

ESCO_SOCIAL_WORKER = "4b05bef2-ded4-4b09-ab94-f4c6a555a775"
_BASE = SearchDocument(
    content_id="", locale="fr", type="standard", department="allier", departments=("allier",), title="",
    summary="", names=(), text="", sequence=1, available=("fr",),
    published_at=datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC),
)  # fmt: skip


def document(number, title, *, text="", **fields):
    """Return a document whose content id ends with the number."""
    content_id = f"00000000-0000-4000-8000-{number:012}"
    locale = fields.get("locale", "fr")
    values = {"available": (locale,), "sequence": number, "departments": (fields.get("department", "allier"),)} | fields
    if ends_on := fields.get("ends_on"):
        midnight = datetime.datetime.combine(ends_on + datetime.timedelta(days=1), datetime.time.min, datetime.UTC)
        values = {"over_at": midnight} | values
    return replace(_BASE, content_id=content_id, title=title, text=text, **values)


LABELS = {
    "fr": ("Assistant de service social", "Assistante sociale"),
    "en": ("Social worker",),
    "it": ("Assistente sociale",),
    "fi": ("Sosiaalityöntekijä",),
}
SOCIAL_WORKER = document(
    1, "Assistant de service social", type="profession", department="isere", text="Accueillir et orienter.",
    labels=LABELS, professions=(ESCO_SOCIAL_WORKER,), concepts=("K1201", "2635", ESCO_SOCIAL_WORKER),
)  # fmt: skip
EDUCATOR = document(
    2, "Éducateur spécialisé", type="profession", department="isere", names=("Éducatrice spécialisée",),
    text="Accompagner des jeunes en difficulté, avec l’école et les familles.", professions=("educator",),
)  # fmt: skip
PAST_EVENT = document(
    3, "Festival du travail social", type="event", text="Croiser les savoirs.",
    starts_on=datetime.date(2024, 4, 2), ends_on=datetime.date(2024, 4, 2),
    facets={"audience": ("Étudiants",), "country": ("FR",)},
    places=("Allier", "Moulins"),
)  # fmt: skip
COMING_EVENT = document(
    4, "Festival du travail social", type="event", text="Croiser les savoirs.",
    starts_on=datetime.date(2099, 4, 2), ends_on=datetime.date(2099, 4, 3),
    facets={"audience": ("Étudiants", "Élus"), "country": ("FR", "IT"), "tag": ("jeunesse",)},
    departments=("allier", "isere"), places=("Allier", "Isère", "Moulins", "Espace Villars"),
)  # fmt: skip
PARTNERSHIP_FR = document(
    5, "Métiers du social du futur", type="partnership", text="Un partenariat Erasmus pour le Livre blanc.",
    available=("fr", "it"), department="isere",
)  # fmt: skip
PARTNERSHIP_IT = replace(
    PARTNERSHIP_FR, locale="it", title="Le professioni sociali del futuro",
    text="Un partenariato Erasmus.", sequence=6,
)  # fmt: skip
ENGLISH = document(7, "Working with families", locale="en", text="Social workers visit families at home.")
EXPIRED = document(
    8, "Un témoignage retiré", type="testimonial", text="Croiser les savoirs.",
    expires_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), places=("Vichy",),
)  # fmt: skip
LIBRARY = (
    SOCIAL_WORKER, EDUCATOR, PAST_EVENT, COMING_EVENT, PARTNERSHIP_FR, PARTNERSHIP_IT, ENGLISH, EXPIRED,
)  # fmt: skip

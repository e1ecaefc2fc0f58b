"""Model, serializer and factory of the temporary type. Importing this module registers the model (see conftest.py)."""

from __future__ import annotations

from typing import Any

from django.db import models
from wagtail.fields import RichTextField

from cms.pages.models import ContentPage
from cms.pages.models.base import synchronised, translated
from cms.pages.serializers import SerializerContext
from cms.pages.serializers.values.rich_text import rich_text_html
from tests.factories.pages import PageFactory


class JobOfferPage(ContentPage):
    """A job offer of a department."""

    place = models.CharField(max_length=100)
    reference = models.CharField(max_length=20)
    missions = RichTextField()

    parent_page_types = ("pages.SectionPage",)
    translatable_fields = [
        *ContentPage.translatable_fields,
        *translated("missions"),
        *synchronised("place", "reference"),
    ]

    class Meta:
        app_label = "pages"


class JobOfferPageFactory(PageFactory):
    class Meta:
        model = JobOfferPage

    title = "Médiatrice numérique"  # type: ignore[assignment]
    place = "Vichy"
    reference = "REF2030"
    missions = "<p>Accompagner les habitants dans leurs démarches.</p>"


def job_offer_content(page: JobOfferPage, context: SerializerContext) -> dict[str, Any]:
    return {
        "place": page.place,
        "reference": page.reference,
        "missions": rich_text_html(page.missions, context),
    }

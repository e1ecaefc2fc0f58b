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


class TrainingCoursePage(ContentPage):
    """A training course of a department."""

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


class TrainingCoursePageFactory(PageFactory):
    class Meta:
        model = TrainingCoursePage

    title = "Médiatrice numérique"  # type: ignore[assignment]
    place = "Vichy"
    reference = "REF2030"
    missions = "<p>Accompagner les habitants dans leurs démarches.</p>"


def training_course_content(page: TrainingCoursePage, context: SerializerContext) -> dict[str, Any]:
    return {
        "place": page.place,
        "reference": page.reference,
        "missions": rich_text_html(page.missions, context),
    }

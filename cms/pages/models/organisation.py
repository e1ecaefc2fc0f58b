"""Organisations: partners of departments, and the departments themselves."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.images import get_image_model_string
from wagtail.models import TranslatableMixin
from wagtail.search import index

from cms.blocks.country import country_choices
from sites.access.owned_by_department import OwnedByDepartment

from .base import synchronised, translated


class Organisation(OwnedByDepartment, TranslatableMixin, index.Indexed, models.Model):
    """An organisation that content names, for example as organiser, signatory or employer."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("Département")
        STATE = "state", _("State")
        PUBLIC_BODY = "public_body", _("Public body")
        LOCAL_AUTHORITY = "local_authority", _("Local authority")
        TRAINING = "training", _("Training body")
        ASSOCIATION = "association", _("Association")
        SOCIAL_ECONOMY = "social_economy", _("Social economy organisation")
        COMPANY = "company", _("Company")
        NETWORK = "network", _("Network or committee")
        OTHER = "other", _("Other")

    name = models.CharField(_("name"), max_length=250)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    department = models.ForeignKey(
        "cms_sites.Department",
        verbose_name=_("stands for the department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Set when this organisation is one of the departments of this instance."),
    )
    country = models.CharField(_("country"), max_length=2, choices=country_choices, default="FR")
    website = models.URLField(_("website"), blank=True)
    description = models.TextField(_("description"), max_length=5_000, blank=True)
    logo = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    panels = tuple(
        FieldPanel(name)
        for name in ("name", "short_name", "kind", "department", "country", "website", "description", "logo", "owner")
    )
    search_fields = (
        index.SearchField("name"),
        index.SearchField("short_name"),
        index.AutocompleteField("name"),
        index.AutocompleteField("short_name"),
        index.FilterField("locale_id"),
        index.FilterField("owner"),
    )
    translatable_fields: ClassVar[list] = [
        *translated("name", "short_name", "description"),
        *synchronised("kind", "department", "country", "website", "logo", "owner"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

"""People that several pages name."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.images import get_image_model_string
from wagtail.models import TranslatableMixin
from wagtail.search import index

from sites.access.owned_by_department import OwnedByDepartment

from .base import synchronised, translated


class Person(OwnedByDepartment, TranslatableMixin, index.Indexed, models.Model):
    """A person with a public role: a contact, a speaker, an elected member."""

    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=200, blank=True)
    organisation = models.ForeignKey(
        "pages.Organisation",
        verbose_name=_("organisation"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="people",
    )
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("Address of the service, never a private one."))
    biography = models.TextField(_("biography"), max_length=5_000, blank=True)
    photo = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("photo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    panels = tuple(
        FieldPanel(name) for name in ("name", "role", "organisation", "email", "biography", "photo", "owner")
    )
    search_fields = (
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.FilterField("locale_id"),
        index.FilterField("owner"),
    )
    translatable_fields: ClassVar[list] = [
        *translated("role", "biography"),
        *synchronised("name", "organisation", "email", "photo", "owner"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

"""A department and the languages of its site."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.images import get_image_model_string
from wagtail.models import Collection, Locale, Page, Site

from sites.validation.colours import validate_contrast_with_white
from sites.validation.slugs import validate_department_slug

from .time_zones import time_zone_of


class Department(models.Model):
    """A French département: owner of one site, one page container, one collection and its own locales."""

    code = models.CharField(
        _("INSEE code"),
        max_length=3,
        unique=True,
        validators=[
            RegexValidator(r"^(0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-8])\Z", _("Enter a department's INSEE code."))
        ],
        help_text=_("Official code of the department, for example 03, 2A or 974."),
    )
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("slug"),
        max_length=100,
        unique=True,
        help_text=_("Names the department in addresses and in the API."),
    )
    site = models.OneToOneField(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="department")
    container = models.OneToOneField(
        Page, verbose_name=_("page container"), on_delete=models.PROTECT, related_name="department"
    )
    collection = models.OneToOneField(
        Collection, verbose_name=_("collection"), on_delete=models.PROTECT, related_name="department"
    )
    locales: models.ManyToManyField[Locale, DepartmentLocale] = models.ManyToManyField(
        Locale, verbose_name=_("languages"), through="DepartmentLocale", related_name="departments"
    )
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=30, blank=True)
    contact_address = models.TextField(_("postal address"), max_length=1_000, blank=True)
    logo = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    primary_colour = models.CharField(
        _("main colour"),
        max_length=7,
        default="#1f4e79",
        validators=[validate_contrast_with_white],
        help_text=_("Background of the banner, under white text."),
    )
    accent_colour = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#8a3b12",
        validators=[validate_contrast_with_white],
        help_text=_("Links and buttons."),
    )
    requires_second_factor = models.BooleanField(
        _("require a second factor"),
        default=False,
        help_text=_("Members without an authenticator app or a passkey must add one before they can do anything else."),
    )
    requires_single_sign_on = models.BooleanField(
        _("disable local passwords"),
        default=False,
        help_text=_(
            "Members log in through the login service of the instance. A password only connects them to it once."
        ),
    )
    publishes_partial_translations = models.BooleanField(
        _("publish incomplete translations"),
        default=False,
        help_text=_("Texts that are not translated yet appear in the source language, and readers are told so."),
    )
    publishes_machine_translations = models.BooleanField(
        _("publish machine translations that nobody has checked"),
        default=False,
        help_text=_("Readers are told that a machine has translated the page."),
    )
    unpublishes_translations = models.BooleanField(
        _("unpublish translations with their original"),
        default=False,
        help_text=_(
            "When an original is unpublished, deleted or expires, its translations are unpublished too. Otherwise they"
            " stay public."
        ),
    )
    shares_translation_memory = models.BooleanField(
        _("share the translation memory"),
        default=False,
        help_text=_(
            "Translators of other departments that share theirs are offered public texts of this one and imported"
            " texts, with its name, and the other way round."
        ),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    suspended_at = models.DateTimeField(
        _("suspended since"),
        null=True,
        blank=True,
        help_text=_(
            "Set while the department waits for its retirement: its pages stay public and nobody can change them."
        ),
    )
    retires_on = models.DateField(
        _("may be removed from"), null=True, blank=True, help_text=_("First day on which it may be removed.")
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def clean(self) -> None:
        super().clean()
        try:
            validate_department_slug(self.slug)
        except ValidationError as error:
            raise ValidationError({"slug": error}) from error

    @property
    def time_zone(self) -> str:
        """The IANA name of the department's time zone."""
        return time_zone_of(self.code)

    @property
    def local_day(self) -> datetime.date:
        """The present day in the department's time zone."""
        return timezone.localdate(timezone=ZoneInfo(self.time_zone))

    @property
    def source_locale(self) -> Locale:
        """The locale in which the department writes: that of its first home page if no language is marked as source."""
        row = self.department_locales.filter(is_source=True).select_related("locale").first()
        return row.locale if row is not None else self.site.root_page.locale

    @cached_property
    def languages(self) -> list[DepartmentLocale]:
        """The languages with their locales, by code. Loaded once for this object, which lives as long as a request."""
        return list(self.department_locales.select_related("locale").order_by("locale__language_code"))


class DepartmentLocale(models.Model):
    """A language of a department's site. Exactly one language is the source."""

    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="department_locales"
    )
    locale = models.ForeignKey(
        Locale, verbose_name=_("language"), on_delete=models.PROTECT, related_name="department_locales"
    )
    is_source = models.BooleanField(
        _("source language"), default=False, help_text=_("The language in which the department writes.")
    )
    fallback = models.ForeignKey(
        "self",
        verbose_name=_("next language"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The language of the department in which a page is shown that is missing in this one."),
    )

    class Meta:
        verbose_name = _("department language")
        verbose_name_plural = _("department languages")
        ordering = ("-is_source", "locale__language_code")
        constraints = (
            models.UniqueConstraint(fields=("department", "locale"), name="one_row_per_department_locale"),
            models.UniqueConstraint(
                fields=("department",), condition=models.Q(is_source=True), name="one_source_per_department"
            ),
        )

    def __str__(self) -> str:
        return f"{self.department.slug} {self.locale.language_code}"

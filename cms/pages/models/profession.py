"""Page model of profession profiles."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from cms.blocks import streams
from cms.blocks.text import RICH_TEXT_FEATURES
from cms.fields import StreamField
from cms.pages.validators import validate_currency, validate_esco_uri, validate_isco_code, validate_rome_code

from .base import ContentPage, synchronised, translated


class ProfessionPage(ContentPage):
    """A profession profile: missions, skills, training, salary, and the codes of ROME, ESCO, ISCO and RNCP."""

    class SalaryPeriod(models.TextChoices):
        MONTH = "month", _("a month")
        YEAR = "year", _("a year")

    other_names = StreamField(
        streams.SHORT_TEXTS,
        verbose_name=_("other names"),
        blank=True,
        help_text=_("Other forms and abbreviations: feminine, former names, acronym."),
    )
    missions = RichTextField(_("missions"), features=list(RICH_TEXT_FEATURES))
    know_how = StreamField(streams.SHORT_TEXTS, verbose_name=_("know-how"), blank=True)
    interpersonal_skills = StreamField(streams.SHORT_TEXTS, verbose_name=_("interpersonal skills"), blank=True)
    training = RichTextField(_("training"), blank=True, features=list(RICH_TEXT_FEATURES))
    diplomas = StreamField(streams.DIPLOMAS, verbose_name=_("diplomas"), blank=True)
    work_settings = StreamField(
        streams.SHORT_TEXTS, verbose_name=_("work settings"), blank=True, help_text=_("Where one works.")
    )
    working_conditions = RichTextField(_("working conditions"), blank=True, features=list(RICH_TEXT_FEATURES))
    salary_minimum = models.PositiveIntegerField(_("lowest salary"), null=True, blank=True, help_text=_("Gross."))
    salary_maximum = models.PositiveIntegerField(_("highest salary"), null=True, blank=True, help_text=_("Gross."))
    salary_currency = models.CharField(_("currency"), max_length=3, default="EUR", validators=[validate_currency])
    salary_period = models.CharField(
        _("period"), max_length=5, choices=SalaryPeriod.choices, default=SalaryPeriod.MONTH
    )
    salary_note = models.CharField(_("note on the salary"), max_length=250, blank=True)
    rome_code = models.CharField(_("ROME code"), max_length=5, blank=True, validators=[validate_rome_code])
    esco_uri = models.CharField(_("ESCO address"), max_length=100, blank=True, validators=[validate_esco_uri])
    isco_code = models.CharField(_("ISCO-08 code"), max_length=4, blank=True, validators=[validate_isco_code])
    rncp_numbers = StreamField(streams.RNCP_NUMBERS, verbose_name=_("RNCP numbers"), blank=True)
    posts_open = models.PositiveIntegerField(_("posts open"), null=True, blank=True, help_text=_("Empty when unknown."))
    apply_url = models.URLField(_("where to apply"), blank=True)
    testimonials = StreamField(streams.TESTIMONIALS, verbose_name=_("testimonials"), blank=True)
    body = StreamField(streams.BODY, verbose_name=_("further content"), blank=True, **streams.BODY_LIMITS)

    parent_page_types = ("pages.SectionPage",)
    subpage_types: tuple[str, ...] = ()
    content_panels = [
        *ContentPage.content_panels,
        FieldPanel("other_names"),
        FieldPanel("missions"),
        FieldPanel("know_how"),
        FieldPanel("interpersonal_skills"),
        MultiFieldPanel(
            [FieldPanel("training"), FieldPanel("diplomas"), FieldPanel("rncp_numbers")],
            heading=_("Training"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("work_settings"),
                FieldPanel("working_conditions"),
                FieldRowPanel([FieldPanel("salary_minimum"), FieldPanel("salary_maximum")]),
                FieldRowPanel([FieldPanel("salary_currency"), FieldPanel("salary_period")]),
                FieldPanel("salary_note"),
            ],
            heading=_("Working there"),
        ),
        MultiFieldPanel(
            [FieldPanel("rome_code"), FieldPanel("esco_uri"), FieldPanel("isco_code")],
            heading=_("Codes"),
            help_text=_("They let partners and search engines recognise the profession in any language."),
        ),
        MultiFieldPanel([FieldPanel("posts_open"), FieldPanel("apply_url")], heading=_("Recruitment")),
        FieldPanel("testimonials"),
        FieldPanel("body"),
    ]
    search_fields = [
        *ContentPage.search_fields,
        index.SearchField("other_names"),
        index.SearchField("missions"),
        index.SearchField("rome_code"),
    ]
    translatable_fields = [
        *ContentPage.translatable_fields,
        *translated(
            "other_names",
            "missions",
            "know_how",
            "interpersonal_skills",
            "training",
            "diplomas",
            "work_settings",
            "working_conditions",
            "salary_note",
            "testimonials",
            "body",
        ),
        *synchronised(
            "salary_minimum",
            "salary_maximum",
            "salary_currency",
            "salary_period",
            "rome_code",
            "esco_uri",
            "isco_code",
            "rncp_numbers",
            "posts_open",
            "apply_url",
        ),
    ]

    class Meta:
        verbose_name = _("profession profile")
        verbose_name_plural = _("profession profiles")

    def clean(self) -> None:
        super().clean()
        if self.salary_minimum and self.salary_maximum and self.salary_maximum < self.salary_minimum:
            raise ValidationError({"salary_maximum": _("The highest salary is below the lowest.")})

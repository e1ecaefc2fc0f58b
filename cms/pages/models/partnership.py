"""Page model of partnerships."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.fields import RichTextField
from wagtail.search import index

from cms.blocks import streams
from cms.blocks.text import RICH_TEXT_FEATURES
from cms.fields import StreamField
from sites.validation.dates import YEAR_VALIDATORS, validate_partial_date

from .base import ContentPage, synchronised, translated

MAXIMUM_MONTHS = 600


class PartnershipPage(ContentPage):
    """A bilateral or European partnership: partners known and sought, activities and deliverables."""

    class Kind(models.TextChoices):
        BILATERAL = "bilateral", _("Bilateral")
        ERASMUS = "erasmus", _("Erasmus+")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        SEEKING = "seeking", _("Seeking partners")
        APPLIED = "applied", _("Applied for")
        SIGNED = "signed", _("Signed")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    programme = models.CharField(_("programme"), max_length=200, blank=True)
    action_code = models.CharField(
        _("action code"),
        max_length=20,
        blank=True,
        help_text=_("Code of the programme's action, for example KA204."),
    )
    action_label = models.CharField(_("action"), max_length=250, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.SEEKING)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    duration_months = models.PositiveSmallIntegerField(
        _("duration (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAXIMUM_MONTHS)],
    )
    is_exclusive = models.BooleanField(
        _("exclusive"),
        null=True,
        blank=True,
        help_text=_("The partners may not work with others on it."),
    )
    deadline = models.CharField(
        _("deadline"),
        max_length=10,
        blank=True,
        validators=[validate_partial_date],
        help_text=_("Of the application, as exact as known: 2020, 2020-03 or 2020-03-27."),
    )
    updated_on = models.CharField(
        _("state of the information"),
        max_length=10,
        blank=True,
        validators=[validate_partial_date],
        help_text=_("When these facts were last checked: 2019, 2019-10 or 2019-10-15."),
    )
    keywords = StreamField(streams.SHORT_TEXTS, verbose_name=_("keywords"), blank=True)
    origin = RichTextField(_("origin"), blank=True, features=list(RICH_TEXT_FEATURES))
    origin_date = models.CharField(
        _("date of the origin"),
        max_length=10,
        blank=True,
        validators=[validate_partial_date],
        help_text=_("When the idea was born: 2018, 2018-09 or 2018-09-20."),
    )
    origin_participants = models.PositiveIntegerField(_("people at the origin"), null=True, blank=True)
    origin_organisations = StreamField(streams.SUPPORTERS, verbose_name=_("organisations at the origin"), blank=True)
    horizon_year = models.PositiveSmallIntegerField(
        _("horizon"),
        null=True,
        blank=True,
        validators=YEAR_VALIDATORS,
        help_text=_("Year that the partners look towards."),
    )
    objectives = StreamField(streams.SHORT_TEXTS, verbose_name=_("objectives"), blank=True)
    themes = StreamField(streams.TITLED_TEXTS, verbose_name=_("themes"), blank=True)
    activities = StreamField(streams.ACTIVITIES, verbose_name=_("activities"), blank=True)
    partners = StreamField(streams.PARTNERS, verbose_name=_("partners"), blank=True)
    pairing_rule = models.CharField(
        _("rule for pairs"),
        max_length=250,
        blank=True,
        help_text=_("The types of partners that a pair must consist of."),
    )
    partner_types_sought = StreamField(streams.SHORT_TEXTS, verbose_name=_("types of partners sought"), blank=True)
    initiatives = StreamField(streams.TITLED_TEXTS, verbose_name=_("initiatives"), blank=True)
    deliverables = StreamField(streams.DELIVERABLES, verbose_name=_("deliverables"), blank=True)
    signatories = StreamField(streams.SIGNATORIES, verbose_name=_("signatories"), blank=True)
    key_figures = StreamField(streams.KEY_FIGURES, verbose_name=_("key figures"), blank=True)
    contact = StreamField(streams.CONTACTS, verbose_name=_("contact"), blank=True, max_num=1)
    related_articles = StreamField(streams.LINKS, verbose_name=_("related articles"), blank=True)
    body = StreamField(streams.BODY, verbose_name=_("further content"), blank=True, **streams.BODY_LIMITS)

    parent_page_types = ("pages.SectionPage",)
    subpage_types: tuple[str, ...] = ()
    search_fields = [*ContentPage.search_fields, index.SearchField("origin"), index.SearchField("keywords")]
    translatable_fields = [
        *ContentPage.translatable_fields,
        *translated(
            "action_label",
            "keywords",
            "origin",
            "origin_organisations",
            "objectives",
            "themes",
            "activities",
            "partners",
            "pairing_rule",
            "partner_types_sought",
            "initiatives",
            "deliverables",
            "signatories",
            "key_figures",
            "contact",
            "related_articles",
            "body",
        ),
        *synchronised(
            "kind",
            "programme",
            "action_code",
            "status",
            "signed_on",
            "duration_months",
            "is_exclusive",
            "deadline",
            "updated_on",
            "origin_date",
            "origin_participants",
            "horizon_year",
        ),
    ]

    content_panels = [
        *ContentPage.content_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("kind"), FieldPanel("status")]),
                FieldPanel("programme"),
                FieldRowPanel([FieldPanel("action_code"), FieldPanel("action_label")]),
                FieldRowPanel([FieldPanel("signed_on"), FieldPanel("duration_months")]),
                FieldPanel("is_exclusive"),
                FieldRowPanel([FieldPanel("deadline"), FieldPanel("updated_on")]),
            ],
            heading=_("Frame"),
        ),
        FieldPanel("keywords"),
        MultiFieldPanel(
            [
                FieldPanel("origin"),
                FieldRowPanel([FieldPanel("origin_date"), FieldPanel("origin_participants")]),
                FieldPanel("origin_organisations"),
                FieldPanel("horizon_year"),
            ],
            heading=_("Origin"),
        ),
        FieldPanel("objectives"),
        FieldPanel("themes"),
        FieldPanel("body"),
    ]
    partner_panels = [
        FieldPanel("partners"),
        FieldPanel("pairing_rule"),
        FieldPanel("partner_types_sought"),
        FieldPanel("signatories"),
        FieldPanel("contact"),
    ]
    work_panels = [
        FieldPanel("activities"),
        FieldPanel("initiatives"),
        FieldPanel("deliverables"),
        FieldPanel("key_figures"),
        FieldPanel("related_articles"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=_("Content")),
            ObjectList(partner_panels, heading=_("Partners")),
            ObjectList(work_panels, heading=_("Work")),
            ObjectList(ContentPage.promote_panels, heading=_("Promote")),
            ObjectList(ContentPage.settings_panels, heading=_("Settings")),
        ]
    )

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")

"""Page model of recruitment campaigns."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from cms.blocks import streams
from cms.blocks.text import RICH_TEXT_FEATURES
from cms.fields import StreamField

from .base import ContentPage, synchronised, translated


class CampaignPage(ContentPage):
    """A recruitment campaign: professions sought, vacancies, the employer's offer and where to apply."""

    introduction = RichTextField(_("introduction"), blank=True, features=list(RICH_TEXT_FEATURES))
    target_professions = StreamField(streams.PROFESSIONS, verbose_name=_("professions sought"), blank=True)
    key_figures = StreamField(streams.KEY_FIGURES, verbose_name=_("key figures"), blank=True)
    employer_offer = StreamField(streams.TITLED_TEXTS, verbose_name=_("what the employer offers"), blank=True)
    testimonials = StreamField(streams.TESTIMONIALS, verbose_name=_("testimonials"), blank=True)
    vacancies = StreamField(streams.VACANCIES, verbose_name=_("vacancies"), blank=True)
    related_events = StreamField(streams.EVENTS, verbose_name=_("related events"), blank=True)
    call_to_action_label = models.CharField(_("text of the button"), max_length=150, blank=True)
    call_to_action_url = models.URLField(_("address of the button"), blank=True)
    body = StreamField(streams.BODY, verbose_name=_("further content"), blank=True, **streams.BODY_LIMITS)

    parent_page_types = ("pages.DepartmentHomePage", "pages.SectionPage")
    subpage_types: tuple[str, ...] = ()
    content_panels = [
        *ContentPage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("target_professions"),
        FieldPanel("key_figures"),
        FieldPanel("employer_offer"),
        FieldPanel("testimonials"),
        FieldPanel("vacancies"),
        FieldPanel("related_events"),
        MultiFieldPanel(
            [FieldPanel("call_to_action_label"), FieldPanel("call_to_action_url")],
            heading=_("Call to action"),
        ),
        FieldPanel("body"),
    ]
    search_fields = [*ContentPage.search_fields, index.SearchField("introduction")]
    translatable_fields = [
        *ContentPage.translatable_fields,
        *translated(
            "introduction",
            "target_professions",
            "key_figures",
            "employer_offer",
            "testimonials",
            "vacancies",
            "related_events",
            "call_to_action_label",
            "body",
        ),
        *synchronised("call_to_action_url"),
    ]

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def clean(self) -> None:
        super().clean()
        if bool(self.call_to_action_label) != bool(self.call_to_action_url):
            missing = "call_to_action_url" if self.call_to_action_label else "call_to_action_label"
            raise ValidationError({missing: _("The button needs a text and an address.")})

"""Page model of video testimonials."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.rich_text import get_text_for_indexing
from wagtail.search import index

from cms.blocks import streams
from cms.blocks.text import SHORT_RICH_TEXT_FEATURES
from cms.fields import StreamField
from cms.media.models import Consent, Video

from .base import ContentPage, synchronised, translated


class TestimonialPage(ContentPage):
    """A video testimonial. Publication needs a valid consent, captions and a transcript."""

    __test__ = False  # pytest would collect the class as a test.
    person_name = models.CharField(_("person"), max_length=200, help_text=_("Name or pseudonym, as it is shown."))
    is_pseudonym = models.BooleanField(_("this is a pseudonym"), default=False)
    role = models.CharField(_("role"), max_length=200, blank=True)
    employer = models.ForeignKey(
        "pages.Organisation",
        verbose_name=_("employer"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    profession = models.ForeignKey(
        "pages.ProfessionPage",
        verbose_name=_("profession"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    video = models.ForeignKey(
        Video,
        verbose_name=_("video"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="testimonials",
    )
    transcript = RichTextField(
        _("transcript"),
        blank=True,
        features=list(SHORT_RICH_TEXT_FEATURES),
        help_text=_("Everything said in the video, in the language of this page."),
    )
    quotation = models.TextField(
        _("quotation"),
        max_length=500,
        blank=True,
        help_text=_("Without quotation marks: the readers add them."),
    )
    consent = models.ForeignKey(
        Consent,
        verbose_name=_("consent"),
        null=True,
        blank=True,
        # Not PROTECT: Wagtail cannot restore a revision that refers to a deleted consent under PROTECT.
        on_delete=models.SET_NULL,
        related_name="testimonials",
        help_text=_("The page goes offline in every language when the consent expires or is withdrawn."),
    )
    body = StreamField(streams.BODY, verbose_name=_("further content"), blank=True, **streams.BODY_LIMITS)

    parent_page_types = ("pages.SectionPage",)
    subpage_types: tuple[str, ...] = ()
    content_panels = [
        *ContentPage.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("person_name"),
                FieldPanel("is_pseudonym"),
                FieldPanel("role"),
                FieldPanel("employer"),
                FieldPanel("profession"),
            ],
            heading=_("Person"),
        ),
        FieldPanel("consent"),
        MultiFieldPanel([FieldPanel("video"), FieldPanel("transcript")], heading=_("Video")),
        FieldPanel("quotation"),
        FieldPanel("body"),
    ]
    search_fields = [
        *ContentPage.search_fields,
        index.SearchField("person_name"),
        index.SearchField("transcript"),
    ]
    translatable_fields = [
        *ContentPage.translatable_fields,
        *translated("role", "employer", "transcript", "quotation", "body"),
        *synchronised("person_name", "is_pseudonym", "profession", "video", "consent"),
    ]

    class Meta:
        verbose_name = _("testimonial")
        verbose_name_plural = _("testimonials")

    def publication_errors(self) -> dict[str, Any]:
        errors = super().publication_errors()
        if self.consent is None:
            errors["consent"] = _("A testimonial cannot be published without the person's consent.")
        elif not self.consent.is_valid_today:
            errors["consent"] = _("This consent is not valid today: it has not begun, has expired or was withdrawn.")
        elif not self.consent.covers_video:
            errors["consent"] = _("This consent does not cover image and voice.")
        if self.video is None:
            errors["video"] = _("A testimonial cannot be published without its video.")
        elif not self.video.has_captions_in_spoken_language:
            errors["video"] = _("This video has no captions in the language spoken: add them to the video first.")
        elif not self.video.may_be_shown:
            errors["video"] = _("The consent that this video needs is not valid today.")
        if not get_text_for_indexing(self.transcript).strip():
            errors["transcript"] = _("A testimonial cannot be published without a transcript.")
        return errors

    @property
    def consent_ends_at(self) -> datetime.datetime | None:
        consents = [self.consent, self.video.consent if self.video else None]
        return min((consent.ends_at for consent in consents if consent is not None), default=None)

    @property
    def publication_dependencies(self) -> list[models.Model]:
        consents = [self.consent, self.video.consent if self.video else None]
        return [instance for instance in (self.video, *consents) if instance is not None]

    @property
    def may_be_public(self) -> bool:
        # Captions or consents may have changed since publication.
        return not self.publication_errors()

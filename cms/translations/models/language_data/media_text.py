"""The model of the translated texts of media: the text alternative of an image, the title of a document."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from sites.validation.incoming_text import refuse_control_characters

MAX_LENGTH = 255  # As the fields of the media.


class MediaText(models.Model):
    """The translation of a text of an image or a document into one language.

    `text` is what was written last. `public_text` is the last one that was reviewed: readers see it until another one
    is reviewed. `source_text` is the original of `text`; the translation is outdated when the medium
    has another one now.
    """

    wagtail_reference_index_ignore = True

    class Field(models.TextChoices):
        DESCRIPTION = "description", _("text alternative")
        TITLE = "title", _("title")

    class State(models.TextChoices):
        WAITING = "waiting", _("awaiting review")
        REVIEWED = "reviewed", _("reviewed")

    image = models.ForeignKey(
        "cms_media.CustomImage",
        verbose_name=_("image"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="translated_texts",
    )
    document = models.ForeignKey(
        "cms_media.CustomDocument",
        verbose_name=_("document"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="translated_texts",
    )
    locale = models.ForeignKey(Locale, verbose_name=_("language"), on_delete=models.CASCADE, related_name="+")
    field = models.CharField(_("field"), max_length=20, choices=Field.choices)
    source_text = models.CharField(_("original"), max_length=MAX_LENGTH)
    text = models.CharField(_("translation"), max_length=MAX_LENGTH)
    public_text = models.CharField(_("reviewed translation"), max_length=MAX_LENGTH, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    updated_at = models.DateTimeField(_("written at"))
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("translated text of a medium")
        verbose_name_plural = _("translated texts of media")
        constraints = (
            models.CheckConstraint(
                condition=Q(image__isnull=False, document=None) | Q(image=None, document__isnull=False),
                name="text_of_one_medium",
            ),
            models.UniqueConstraint(fields=("image", "locale", "field"), name="one_text_of_image"),
            models.UniqueConstraint(fields=("document", "locale", "field"), name="one_text_of_document"),
        )

    def __str__(self) -> str:
        return f"{self.field} of {self.image_id or self.document_id} in locale {self.locale_id}"

    def clean(self) -> None:
        super().clean()
        if (self.image_id is None) == (self.document_id is None):
            raise ValidationError(gettext("A translated text belongs to one image or one document."))
        for text in (self.source_text, self.text, self.public_text):
            refuse_control_characters(text)

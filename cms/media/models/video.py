"""Videos, uploaded or on a platform, with captions in several languages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import CollectionMember
from wagtail.search import index

from cms.media.inspection.inspector import FileRefused, inspect_stored_file, inspect_upload
from cms.media.overrides.field_files import has_unsaved_content
from cms.media.uploads.file_contents import validate_new_content
from cms.media.uploads.file_extensions import KnownExtension
from cms.media.uploads.file_paths import UnguessablePath
from cms.media.uploads.storage_quota import refuse_beyond_quota, within_quota
from cms.media.uploads.upload_limits import MaximumSize
from cms.media.video_hosting import validate_video_page_url
from cms.media.webvtt import as_webvtt_file, validate_webvtt_file
from sites.access.foreign_references import refuse_foreign_references_of_member

from .consent import Consent
from .image import CustomImage

MAX_SECONDS = 9_999 * 3600  # as in captions


def content_language_choices() -> list[tuple[str, str | Promise]]:
    """Return the content languages. A callable keeps the choices out of migrations."""
    return list(settings.WAGTAIL_CONTENT_LANGUAGES)


class Video(index.Indexed, CollectionMember, ClusterableModel):
    """A video file, or the URL of a video on a supported platform, with its captions."""

    title = models.CharField(_("title"), max_length=255)
    file = models.FileField(
        _("file"),
        upload_to=UnguessablePath("videos"),
        blank=True,
        validators=[KnownExtension(["mp4", "webm"]), MaximumSize("VIDEO_MAX_BYTES")],
        help_text=_("MP4 or WebM. Leave empty when the video is on a platform."),
    )
    file_size = models.PositiveBigIntegerField(_("size of the file"), null=True, editable=False)
    page_url = models.URLField(
        _("address on a platform"),
        blank=True,
        validators=[validate_video_page_url],
        help_text=_("Page of the video on PeerTube, YouTube, Vimeo or Dailymotion."),
    )
    language = models.CharField(_("language spoken"), max_length=20, choices=content_language_choices, default="fr")
    # Null is never stored: `clean` takes the duration of a file from the file.
    duration = models.PositiveIntegerField(
        _("duration (seconds)"),
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Taken from the file. Give it for a video on a platform."),
    )
    poster = models.ForeignKey(
        CustomImage,
        verbose_name=_("poster"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Image shown before the video plays."),
    )
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    consent = models.ForeignKey(
        Consent,
        verbose_name=_("consent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="videos",
    )

    panels = (
        FieldPanel("title"),
        MultiFieldPanel([FieldPanel("file"), FieldPanel("page_url")], heading=_("Source")),
        FieldPanel("language"),
        FieldPanel("duration"),
        FieldPanel("poster"),
        FieldPanel("credit"),
        FieldPanel("consent"),
        FieldPanel("collection"),
        InlinePanel("captions", heading=_("Captions"), label=_("Captions in one language")),
    )
    search_fields = (
        index.SearchField("title"),
        index.AutocompleteField("title"),
        index.FilterField("collection"),
    )

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ("title",)
        indexes = (models.Index(fields=("file",), name="video_by_file"),)

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if has_unsaved_content(self.file) or not self.file:
            self.file_size = self.file.size if self.file else None
        with within_quota(self):
            super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if bool(self.file) == bool(self.page_url):
            message = _("Give either a file or an address on a platform, not both and not neither.")
            raise ValidationError({"file": message, "page_url": message})
        refuse_foreign_references_of_member(self)
        refuse_beyond_quota(self)
        validate_new_content(self.file)
        inspection = inspect_upload(self, "file", "video")
        self.take_duration(inspection.seconds if inspection else self._seconds_of_stored_file())
        if self.duration is None:
            message = _("Give the duration in seconds: it cannot be taken from a file.")
            raise ValidationError({"duration": message})

    def take_duration(self, seconds: float | None) -> None:
        """Replace the duration by that of the file, if the file has one that is possible."""
        if seconds is not None and 0 < seconds <= MAX_SECONDS:  # False for NaN
            self.duration = max(1, round(seconds))

    def _seconds_of_stored_file(self) -> float | None:
        """Return the duration of an unchanged file if somebody changes the duration of the video, otherwise None."""
        if not self.file or has_unsaved_content(self.file) or self.pk is None:
            return None
        stored = type(self)._default_manager.filter(pk=self.pk).values_list("duration", flat=True).first()
        if self.duration == stored:
            return None
        try:
            seconds = inspect_stored_file(self.file.storage, self.file.name or "", "video").seconds
        except (FileRefused, OSError):
            seconds = None  # `check_files` reports the file.
        return stored if seconds is None else seconds

    @property
    def has_captions_in_spoken_language(self) -> bool:
        """True if the video has captions in the spoken language (WCAG 2.2, 1.2.2)."""
        return any(caption.language == self.language for caption in self.captions.all())

    @property
    def may_be_shown(self) -> bool:
        """True if the video has no consent, or one that covers image and voice and is valid today."""
        return self.consent is None or (self.consent.covers_video and self.consent.is_valid_today)


class VideoCaption(models.Model):
    """A WebVTT file with the captions of a video in one language."""

    video = ParentalKey(Video, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(_("language"), max_length=20, choices=content_language_choices)
    file = models.FileField(
        _("WebVTT file"),
        upload_to=UnguessablePath("captions"),
        validators=[KnownExtension(["vtt", "srt"]), validate_webvtt_file],
        help_text=_("A SubRip file (.srt) is converted to WebVTT."),
    )
    file_size = models.PositiveBigIntegerField(_("size of the file"), null=True, editable=False)

    panels = (FieldPanel("language"), FieldPanel("file"))

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        ordering = ("language",)
        constraints = (models.UniqueConstraint(fields=("video", "language"), name="one_caption_file_per_language"),)
        indexes = (models.Index(fields=("file",), name="captions_by_file"),)

    def __str__(self) -> str:
        return f"{self.video} ({self.language})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if has_unsaved_content(self.file):
            self.file = as_webvtt_file(self.file) or self.file
            self.file_size = self.file.size
        with within_quota(self):
            super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        refuse_beyond_quota(self)

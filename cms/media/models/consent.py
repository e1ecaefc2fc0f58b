"""Consents of persons to be shown."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import CollectionMember

from cms.media.overrides.field_files import has_unsaved_content
from cms.media.uploads.file_contents import validate_new_content
from cms.media.uploads.storage_quota import refuse_beyond_quota
from cms.media.uploads.upload_limits import MaximumSize


def private_storage() -> Storage:
    """Return the storage whose files have no public URL."""
    return storages["private"]


class ProofFile(FieldFile):
    """A stored proof. Its URL is that of the admin view that checks permissions."""

    @property
    def url(self) -> str:
        return reverse("consent_proof", args=[self.instance.pk])


class ProofField(models.FileField):
    """A file field whose files are served by the admin only."""

    attr_class = ProofFile


class ConsentQuerySet(models.QuerySet["Consent"]):
    def valid(self, on: datetime.date) -> ConsentQuerySet:
        """Return the consents that are valid on a day, by the same rule as `Consent.is_valid_on`."""
        is_withdrawn = Q(withdrawn_on__isnull=False, withdrawn_on__lte=on)
        return self.filter(~is_withdrawn, starts_on__lte=on, expires_on__gte=on)

    def lapsed(self, on: datetime.date) -> ConsentQuerySet:
        """Return the consents that are withdrawn or past their last day."""
        return self.filter(Q(withdrawn_on__lte=on) | Q(expires_on__lt=on))


class Consent(CollectionMember, models.Model):
    """The consent of a person to appear in images, video or text, with its scope, dates and private proof."""

    class Scope(models.TextChoices):
        IMAGE = "image", _("Image")
        VOICE = "voice", _("Voice")
        IMAGE_AND_VOICE = "image_and_voice", _("Image and voice")
        WORDS = "words", _("Words only")

    IMAGE_SCOPES = (Scope.IMAGE, Scope.IMAGE_AND_VOICE)
    VIDEO_SCOPES = (Scope.IMAGE_AND_VOICE,)

    person_name = models.CharField(
        _("person"),
        max_length=200,
        help_text=_("Real name of the person, even behind a pseudonym. Never published."),
    )
    scope = models.CharField(_("scope"), max_length=20, choices=Scope.choices)
    scope_note = models.TextField(
        _("channels and limits"), blank=True, help_text=_("Where the person agreed to appear, and where not.")
    )
    starts_on = models.DateField(_("start"))
    expires_on = models.DateField(
        _("last day"), help_text=_("Content that depends on this consent is unpublished after this day.")
    )
    withdrawn_on = models.DateField(
        _("withdrawn on"),
        null=True,
        blank=True,
        help_text=_("Content that depends on this consent is unpublished in every language as soon as this is saved."),
    )
    proof = ProofField(
        _("proof"),
        storage=private_storage,
        upload_to="consents/",
        validators=[FileExtensionValidator(["pdf", "jpg", "jpeg", "png"]), MaximumSize("PROOF_MAX_BYTES")],
        help_text=_("The signed form (PDF or image). Kept private."),
    )

    file_size = models.PositiveBigIntegerField(_("size of the proof"), null=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ("person_name", "-starts_on")

    def __str__(self) -> str:
        # Not the name: the person may appear under a pseudonym, and choosers show this text to every editor.
        return f"{self._meta.verbose_name} {self.pk}, {self.get_scope_display()} ({self.starts_on} – {self.expires_on})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if has_unsaved_content(self.proof):
            self.file_size = self.proof.size
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.expires_on and self.expires_on < self.starts_on:
            raise ValidationError({"expires_on": _("The last day is before the start.")})
        refuse_beyond_quota(self.proof, self.collection_id, self.file_size)
        validate_new_content(self.proof)

    def is_valid_on(self, day: datetime.date) -> bool:
        """Return True if the consent is valid on a day."""
        is_withdrawn = self.withdrawn_on is not None and self.withdrawn_on <= day
        return self.starts_on <= day <= self.expires_on and not is_withdrawn

    @property
    def is_valid_today(self) -> bool:
        return self.is_valid_on(timezone.localdate())

    @property
    def covers_image(self) -> bool:
        return self.scope in self.IMAGE_SCOPES

    @property
    def covers_video(self) -> bool:
        return self.scope in self.VIDEO_SCOPES

    @property
    def starts_at(self) -> datetime.datetime:
        """The first moment at which the consent is valid, in the time zone of the instance."""
        return timezone.make_aware(datetime.datetime.combine(self.starts_on, datetime.time.min))

    @property
    def ends_at(self) -> datetime.datetime:
        """The first moment at which the consent is no longer valid, in the time zone of the instance."""
        last_day = self.expires_on
        if self.withdrawn_on is not None:
            last_day = min(last_day, self.withdrawn_on - datetime.timedelta(days=1))
        midnight = datetime.datetime.combine(last_day + datetime.timedelta(days=1), datetime.time.min)
        return timezone.make_aware(midnight)

"""Consents of persons to be shown."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, CollectionMember

from cms.media.inspection.inspector import inspect_upload
from cms.media.overrides.field_files import has_unsaved_content
from cms.media.uploads.file_contents import validate_new_content
from cms.media.uploads.file_extensions import KnownExtension
from cms.media.uploads.file_paths import UnguessablePath
from cms.media.uploads.storage_quota import refuse_beyond_quota, within_quota
from cms.media.uploads.upload_limits import MaximumSize, is_picture, validate_picture
from sites.access.ownership import department_of_collection
from sites.models import Department
from sites.models.time_zones import METROPOLITAN, TIME_ZONES


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
    def valid_today(self) -> ConsentQuerySet:
        """Return the consents that are valid now, by the same rule as `Consent.is_valid_today`."""
        return self._on_local_day(
            lambda day: Q(starts_on__lte=day, expires_on__gte=day) & (Q(withdrawn_on=None) | Q(withdrawn_on__gt=day))
        )

    def lapsed_today(self) -> ConsentQuerySet:
        """Return the consents that are withdrawn or past their last day, by the same rule as `has_lapsed`."""
        return self._on_local_day(lambda day: Q(withdrawn_on__lte=day) | Q(expires_on__lt=day))

    def ending_within(self, period: datetime.timedelta) -> ConsentQuerySet:
        """Return the consents whose last day is in a period that begins today, without the withdrawn ones."""
        return self._on_local_day(
            lambda day: Q(expires_on__range=(day, day + period)) & (Q(withdrawn_on=None) | Q(withdrawn_on__gt=day))
        )

    def _on_local_day(self, condition: Callable[[datetime.date], Q]) -> ConsentQuerySet:
        """Limit to the consents that meet a condition on the present day of their time zone."""
        zones: defaultdict[datetime.date, list[str]] = defaultdict(list)
        for zone in TIME_ZONES:
            zones[timezone.localdate(timezone=ZoneInfo(zone))].append(zone)
        if len(zones) == 1:
            return self.filter(condition(next(iter(zones))))
        met = Q(pk__in=[])
        for day, names in zones.items():
            met |= Q(time_zone__in=names) & condition(day)
        return self.filter(met)


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
        _("channels and limits"),
        max_length=5_000,
        blank=True,
        help_text=_("Where the person agreed to appear, and where not."),
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
        upload_to=UnguessablePath("consents"),
        validators=[
            KnownExtension(["pdf", "jpg", "jpeg", "png"]),
            MaximumSize("PROOF_MAX_BYTES"),
            validate_picture,
        ],
        help_text=_("The signed form (PDF or image). Kept private."),
    )

    file_size = models.PositiveBigIntegerField(_("size of the proof"), null=True, editable=False)
    # Time zone of the department that owns the collection. Stored, because every request for a file compares dates.
    time_zone = models.CharField(_("time zone"), max_length=40, default=METROPOLITAN, editable=False)

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
        self.time_zone = _time_zone_of_collection(self.collection)
        if (update_fields := kwargs.get("update_fields")) is not None and "collection" in update_fields:
            kwargs["update_fields"] = {*update_fields, "time_zone"}
        with within_quota(self):
            super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.expires_on and self.expires_on < self.starts_on:
            raise ValidationError({"expires_on": _("The last day is before the start.")})
        refuse_beyond_quota(self)
        if not is_picture(self.proof.name):  # `validate_picture` has read those.
            validate_new_content(self.proof)
        inspect_upload(self, "proof", "proof")

    def is_valid_on(self, day: datetime.date) -> bool:
        """Return True if the consent is valid on a day."""
        is_withdrawn = self.withdrawn_on is not None and self.withdrawn_on <= day
        return self.starts_on <= day <= self.expires_on and not is_withdrawn

    @property
    def is_valid_today(self) -> bool:
        """True if the consent is valid today in the department's time zone, which may differ from the editor's."""
        return self.is_valid_on(self._local_day)

    @property
    def has_lapsed(self) -> bool:
        """True if the consent is withdrawn or past its last day."""
        return self._local_day >= self._first_day_without

    @property
    def _local_day(self) -> datetime.date:
        return timezone.localdate(timezone=ZoneInfo(self.time_zone))

    @property
    def _first_day_without(self) -> datetime.date:
        end = self.expires_on + datetime.timedelta(days=1)
        return end if self.withdrawn_on is None else min(end, self.withdrawn_on)

    @property
    def covers_image(self) -> bool:
        return self.scope in self.IMAGE_SCOPES

    @property
    def covers_video(self) -> bool:
        return self.scope in self.VIDEO_SCOPES

    @property
    def starts_at(self) -> datetime.datetime:
        """The first moment at which the consent is valid, in the time zone of the department."""
        return self._midnight(self.starts_on)

    @property
    def ends_at(self) -> datetime.datetime:
        """The first moment at which the consent is no longer valid, in the time zone of the department."""
        return self._midnight(self._first_day_without)

    def _midnight(self, day: datetime.date) -> datetime.datetime:
        return datetime.datetime.combine(day, datetime.time.min, tzinfo=ZoneInfo(self.time_zone))


def _time_zone_of_collection(collection: Collection) -> str:
    department = department_of_collection(collection)
    return department.time_zone if department is not None else METROPOLITAN


def store_time_zones(collection: Collection, **kwargs: Any) -> None:
    """Store the time zone in the consents of a collection and of those below, after it has moved.

    Each is saved by itself, so that what it allows begins and ends by the new time zone.
    """
    moved = Collection.objects.get(pk=collection.pk)  # The instance may have the former path.
    consents = Consent.objects.filter(collection__path__startswith=moved.path).select_related("collection")
    for consent in consents.exclude(time_zone=_time_zone_of_collection(moved)):
        consent.save(update_fields=["time_zone"])


def store_time_zones_of_department(instance: Department, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Store the time zone in the consents of a department, whose code may have changed."""
    if not (created or raw) and instance.collection_id:
        store_time_zones(instance.collection)

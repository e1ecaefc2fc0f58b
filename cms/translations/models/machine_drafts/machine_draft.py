"""The job that drafts the missing texts of one translation by machine."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import Translation

from sites.models import Department


class DraftState(models.TextChoices):
    """The states of a machine draft. WAITING and RUNNING are open."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


OPEN_STATES = (DraftState.WAITING, DraftState.RUNNING)


class MachineDraftQuerySet(models.QuerySet["MachineDraft"]):
    def open(self) -> MachineDraftQuerySet:
        """Return the drafts that wait or run."""
        return self.filter(state__in=OPEN_STATES)

    def due(self) -> MachineDraftQuerySet:
        """Return the waiting drafts whose time has come, and the running ones whose worker has not answered in time."""
        now = timezone.now()
        return self.filter(
            models.Q(state=DraftState.WAITING, next_attempt_at__lte=now)
            | models.Q(state=DraftState.RUNNING, claimed_until__lte=now)
        )

    def notable(self) -> MachineDraftQuerySet:
        """Return the open drafts, and the failed ones of translations in which texts are still missing."""
        is_incomplete = models.Q(translation__progress__translated__lt=models.F("translation__progress__segments"))
        return self.filter(models.Q(state__in=OPEN_STATES) | models.Q(is_incomplete, state=DraftState.FAILED))

    def of(self, translations: Collection[int]) -> MachineDraftQuerySet:
        """Return the drafts of translations, which are named by their keys."""
        return self.filter(translation__in=translations)


class MachineDraft(models.Model):
    """The last draft of a translation that somebody asked for.

    A worker claims it for one portion of texts at a time: `claim` counts the claims, so that a worker that was too
    slow, or whose draft was cancelled, stores nothing. `refused` has the reasons, codes of
    `cms.translations.drafts.draft_texts`, of texts that the service damaged, by the keys of their contexts and
    originals.
    """

    wagtail_reference_index_ignore = True

    translation = models.OneToOneField(
        Translation,
        verbose_name=_("translation"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="machine_draft",
    )
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="machine_drafts"
    )
    service = models.CharField(_("service"), max_length=20)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=10, choices=DraftState.choices, default=DraftState.WAITING)
    texts = models.PositiveIntegerField(_("texts"), default=0, help_text=_("Those that were empty at the beginning."))
    drafted = models.PositiveIntegerField(_("drafted texts"), default=0)
    refused = models.JSONField(_("refused texts"), default=dict, blank=True)
    characters = models.PositiveIntegerField(_("sent characters"), default=0)
    attempts = models.PositiveIntegerField(_("failed attempts"), default=0)
    error = models.CharField(_("code of the last error"), max_length=20, blank=True)
    claim = models.PositiveIntegerField(_("number of claims"), default=0)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = MachineDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("machine draft")
        verbose_name_plural = _("machine drafts")
        indexes = (models.Index(fields=("state", "next_attempt_at"), name="machine_draft_due"),)

    def __str__(self) -> str:
        return f"machine draft of translation {self.translation_id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def has_failed(self) -> bool:
        return self.state == DraftState.FAILED

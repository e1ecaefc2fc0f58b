"""The segments of a revision of a translated page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision
from wagtail_localize.models import Translation

from .segment_state import MACHINE_STATES, SegmentState

STATES = frozenset(SegmentState)


def validate_segments(value: Any) -> None:
    """Raise ValidationError unless the value is a dictionary of states."""
    if not isinstance(value, dict) or not STATES.issuperset(map(str, value.values())):
        raise ValidationError(_("This is no list of segments with their states."))


def validate_paths(value: Any) -> None:
    """Raise ValidationError unless the value is a list of strings."""
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        raise ValidationError(_("This is no list of places."))


class TranslatedRevision(models.Model):
    """The source texts from which a revision of a translated page was made, each with the state of its translation.

    The public text of a page is that of its live revision, while the strings of wagtail-localize are the text on which
    translators work.
    """

    revision = models.OneToOneField(
        Revision, verbose_name=_("revision"), on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    translation = models.ForeignKey(
        Translation, verbose_name=_("translation"), on_delete=models.CASCADE, related_name="translated_revisions"
    )
    source_saved_at = models.DateTimeField(
        _("original saved at"), null=True, blank=True, help_text=_("When the version of the original was saved.")
    )
    segments = models.JSONField(
        _("segments"),
        validators=[validate_segments],
        help_text=_("State of each segment, by the digest of its place and source text."),
    )
    untranslated_paths = models.JSONField(
        _("untranslated"),
        default=list,
        blank=True,
        validators=[validate_paths],
        help_text=_("Places of the texts in the source language."),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewer"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("translated revision")
        verbose_name_plural = _("translated revisions")

    def __str__(self) -> str:
        return f"translated revision {self.pk}"

    @property
    def untranslated(self) -> int:
        """Number of segments in the source language."""
        return len(self.untranslated_digests)

    @property
    def untranslated_digests(self) -> frozenset[str]:
        """Digests of the segments in the source language (`cms.translations.progress.segments.segment_digest`)."""
        return frozenset(digest for digest, state in self.segments.items() if state == SegmentState.UNTRANSLATED)

    @property
    def has_machine_texts(self) -> bool:
        """True if a segment is the text of a machine that nobody had checked."""
        return not MACHINE_STATES.isdisjoint(self.segments.values())

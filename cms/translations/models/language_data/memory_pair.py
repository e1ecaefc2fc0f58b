"""The translation memory of departments: pairs of texts, and the index by which similar texts are found."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from sites.models import Department

DIGEST_LENGTH = 32  # Hexadecimal digits of 16 bytes.


class MemoryPair(models.Model):
    """A text and its translation, as canonical HTML, that people of a department have written, reviewed or imported.

    `content` is the translation key of the content that used the pair last; an imported pair has none. A pair is there
    once for each department and pair of languages.
    """

    wagtail_reference_index_ignore = True

    class Origin(models.TextChoices):
        HUMAN = "human", _("written or reviewed here")
        IMPORTED = "imported", _("imported")

    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="memory_pairs"
    )
    source_locale = models.ForeignKey(
        Locale, verbose_name=_("source language"), on_delete=models.CASCADE, related_name="+"
    )
    target_locale = models.ForeignKey(
        Locale, verbose_name=_("language of the translation"), on_delete=models.CASCADE, related_name="+"
    )
    source = models.TextField(_("original"))
    target = models.TextField(_("translation"))
    source_digest = models.CharField(_("digest of the original"), max_length=DIGEST_LENGTH)
    target_digest = models.CharField(_("digest of the translation"), max_length=DIGEST_LENGTH)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin.choices)
    content = models.UUIDField(_("content that used it last"), null=True, blank=True, db_index=True)
    used_at = models.DateTimeField(_("last used at"))

    class Meta:
        verbose_name = _("pair of the translation memory")
        verbose_name_plural = _("pairs of the translation memory")
        constraints = (
            models.UniqueConstraint(
                fields=("department", "source_locale", "target_locale", "source_digest", "target_digest"),
                name="memory_pair_once",
            ),
        )
        indexes = (models.Index(fields=("department", "used_at"), name="memory_by_last_use"),)

    def __str__(self) -> str:
        return f"memory pair {self.pk}"


class MemoryBand(models.Model):
    """One band of the signature of the source text of a pair; similar texts have bands in common.

    The number of a band depends on the department and the languages too (`cms.translations.memory.signatures`).
    """

    wagtail_reference_index_ignore = True

    pair = models.ForeignKey(
        MemoryPair, verbose_name=_("pair of texts"), on_delete=models.CASCADE, related_name="bands"
    )
    band = models.BigIntegerField(_("band"), db_index=True)

    class Meta:
        verbose_name = _("band of the translation memory")
        verbose_name_plural = _("bands of the translation memory")

    def __str__(self) -> str:
        return f"band {self.band} of pair {self.pair_id}"

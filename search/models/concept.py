"""Occupations of the classifications ESCO, ROME and ISCO: their codes and their names in each language."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class ConceptCounter(models.Model):
    """The number of the last change of concepts. Its single row is the lock that serialises these changes.

    A number is therefore visible only after all smaller ones, and an index that has applied change n has missed no
    change up to n.
    """

    last = models.BigIntegerField(_("last number"), default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("concept counter")
        verbose_name_plural = _("concept counters")

    def __str__(self) -> str:
        return str(self.last)

    @classmethod
    def last_number(cls) -> int:
        """Return the number of the last change; 0 before the first one. One query."""
        return cls.objects.values_list("last", flat=True).first() or 0

    @classmethod
    def locked(cls) -> ConceptCounter:
        """Return the counter, locked until the transaction ends. Raises TransactionManagementError outside of one."""
        if not transaction.get_connection().in_atomic_block:
            raise transaction.TransactionManagementError("The concept counter is locked inside a transaction only.")
        cls.objects.get_or_create(pk=1)
        return cls.objects.select_for_update().get(pk=1)


class Concept(models.Model):
    """An occupation of ESCO, a code of ROME or a group of ISCO-08.

    `code` is the value on profession pages: the last part of an ESCO URI, a ROME code or an ISCO group. `notation` is
    ESCO's own code ("2635.3") and `group` the ISCO group of an ESCO occupation. `change` is the number of the last
    change of the concept or of its labels.
    """

    class Scheme(models.TextChoices):
        ESCO = "esco", "ESCO"
        ROME = "rome", "ROME"
        ISCO = "isco", "ISCO-08"

    class Status(models.TextChoices):
        CURRENT = "current", _("in use")
        OBSOLETE = "obsolete", _("obsolete")
        DROPPED = "dropped", _("no longer in the classification")

    scheme = models.CharField(_("classification"), max_length=4, choices=Scheme.choices)
    code = models.CharField(_("code"), max_length=100)
    notation = models.CharField(_("ESCO code"), max_length=50, blank=True)
    group = models.CharField(_("ISCO group"), max_length=4, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.CURRENT)
    is_official = models.BooleanField(_("from an official file"), default=False)
    release = models.CharField(_("release that last changed it"), max_length=100, blank=True)
    change = models.BigIntegerField(_("change number"), db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")
        constraints = (models.UniqueConstraint(fields=("scheme", "code"), name="one_concept_per_code"),)

    def __str__(self) -> str:
        return f"{self.scheme} {self.code}"


class ConceptLabel(models.Model):
    """The names of a concept in one language from one source. Official names take precedence over those of the demo.

    `alternatives` is a list of texts: one row for each would make a million rows of a complete import.
    """

    class Source(models.TextChoices):
        OFFICIAL = "official", _("official file")
        DEMO = "demo", _("demo")

    concept = models.ForeignKey(Concept, verbose_name=_("concept"), on_delete=models.CASCADE, related_name="labels")
    language = models.CharField(_("language"), max_length=20)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    preferred = models.TextField(_("name"), blank=True)
    alternatives = models.JSONField(_("other names"), default=list)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("label of a concept")
        verbose_name_plural = _("labels of concepts")
        constraints = (
            models.UniqueConstraint(fields=("concept", "language", "source"), name="one_label_per_language_and_source"),
        )

    def __str__(self) -> str:
        return f"{self.preferred} ({self.language})"

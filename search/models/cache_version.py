"""Versions of edited tables. Every process compares them with the versions of its cached rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class CacheVersion(models.Model):
    """The version of a table, a random value that each change of the table replaces.

    Not a counter: after a restored backup or a rolled back change, a counter would reach the same number twice.
    """

    class Subject(models.TextChoices):
        SYNONYMS = "synonyms", _("synonyms")
        PROMOTIONS = "promotions", _("promoted results")

    subject = models.CharField(_("subject"), max_length=20, choices=Subject.choices, primary_key=True)
    version = models.UUIDField(_("version"), default=uuid4)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("cache version")
        verbose_name_plural = _("cache versions")

    def __str__(self) -> str:
        return f"{self.subject} {self.version}"

    @classmethod
    def renew(cls, subject: Subject) -> None:
        """Give a table a new version, in the transaction that changes it."""
        cls.objects.update_or_create(subject=subject, defaults={"version": uuid4()})

    @classmethod
    def current_versions(cls) -> dict[str, UUID]:
        """Return the versions by subject; a table that was never changed has none. One query."""
        versions: Any = cls.objects.values_list("subject", "version")
        return dict(versions)

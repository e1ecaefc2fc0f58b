"""Which state of a table that people edit is the newest, so that every process knows when to read it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class CacheVersion(models.Model):
    """A mark that is another after each change of a table. It says nothing but "the same as then" or not.

    Not a number: after a restored backup, or a change that was rolled back, a number would come a second time.
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
        """Say, in the transaction of a change, that the table has changed."""
        cls.objects.update_or_create(subject=subject, defaults={"version": uuid4()})

    @classmethod
    def current_versions(cls) -> dict[str, UUID]:
        """Return the marks by subject; a subject that nobody ever changed has none. One query."""
        found: Any = cls.objects.values_list("subject", "version")
        return dict(found)

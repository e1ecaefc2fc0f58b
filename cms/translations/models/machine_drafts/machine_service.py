"""The translation service that a department has chosen for a language, its keys, and the characters that it sent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.models import Department, DepartmentLocale


class MachineLanguage(models.Model):
    """The service that drafts the translations of a department into one language. Without a row there is none."""

    wagtail_reference_index_ignore = True

    language = models.OneToOneField(
        DepartmentLocale,
        verbose_name=_("language"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="machine_language",
    )
    service = models.CharField(_("service"), max_length=20)

    class Meta:
        verbose_name = _("machine translation of a language")
        verbose_name_plural = _("machine translation of languages")

    def __str__(self) -> str:
        return f"{self.service} for language {self.language_id}"


class MachineKey(models.Model):
    """The key of a department for one service, encrypted (`cms.translations.machine.service_keys`)."""

    wagtail_reference_index_ignore = True

    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="machine_keys"
    )
    service = models.CharField(_("service"), max_length=20)
    encrypted_key = models.TextField(editable=False)
    stored_at = models.DateTimeField(_("stored at"), auto_now=True)

    class Meta:
        verbose_name = _("key of a translation service")
        verbose_name_plural = _("keys of translation services")
        constraints = (models.UniqueConstraint(fields=("department", "service"), name="one_machine_key_per_service"),)

    def __str__(self) -> str:
        return f"key of department {self.department_id} for {self.service}"


class MachineUsage(models.Model):
    """The number of characters that a department sent to translation services on one day."""

    wagtail_reference_index_ignore = True

    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="machine_usage"
    )
    day = models.DateField(_("day"))
    characters = models.PositiveIntegerField(_("characters"), default=0)

    class Meta:
        verbose_name = _("use of translation services")
        verbose_name_plural = _("uses of translation services")
        constraints = (models.UniqueConstraint(fields=("department", "day"), name="machine_usage_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.characters} characters of department {self.department_id} on {self.day}"

"""The department of an approval workflow, and the pages that it covers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Workflow

from .department import Department


class DepartmentWorkflow(models.Model):
    """A workflow that provisioning creates, for all pages of the department or for those in one language.

    It stores the department, because an inactive workflow is not assigned to any page.
    """

    workflow = models.OneToOneField(
        Workflow, verbose_name=_("workflow"), on_delete=models.CASCADE, related_name="department_workflow"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="department_workflows"
    )
    locale = models.ForeignKey(
        Locale,
        verbose_name=_("language"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Only for translations into one language."),
    )

    class Meta:
        verbose_name = _("department workflow")
        verbose_name_plural = _("department workflows")
        ordering = ("department", models.F("locale").asc(nulls_first=True))
        constraints = (
            models.UniqueConstraint(fields=("department", "locale"), name="one_workflow_per_department_locale"),
            models.UniqueConstraint(
                fields=("department",), condition=models.Q(locale=None), name="one_workflow_per_department"
            ),
        )

    def __str__(self) -> str:
        return self.workflow.name

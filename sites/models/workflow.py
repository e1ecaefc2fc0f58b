"""The department of an approval workflow, and the pages that it covers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext
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

    @property
    def default_name(self) -> str:
        """Name of the workflow and of its first step in the active language."""
        name = gettext("Approval – %(department)s") % {"department": self.department.name}
        return name if self.locale is None else f"{name} – {self.locale.get_display_name()}"

    def shown_name(self, stored: str) -> str:
        """Return the name of the workflow or of a step in the active language, unless somebody has changed it."""
        # Names are stored in the default language of the instance.
        with translation.override(settings.LANGUAGE_CODE):
            is_default = stored == self.default_name
        return self.default_name if is_default else stored

"""The department and role of a Django group."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from sites.roles import ROLES_BY_KEY

from .department import Department


class DepartmentGroup(models.Model):
    """A group that provisioning creates for one role of a department (a key of `ROLES`) and, if needed, a language.

    Access control reads these rows and not the names of groups, which an administrator may change.
    """

    group = models.OneToOneField(
        Group, verbose_name=_("group"), on_delete=models.CASCADE, related_name="department_group"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="department_groups"
    )
    role = models.CharField(_("role"), max_length=30)
    locale = models.ForeignKey(
        Locale,
        verbose_name=_("language"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Only for roles that exist once for each language."),
    )

    class Meta:
        verbose_name = _("department group")
        verbose_name_plural = _("department groups")
        constraints = (
            models.UniqueConstraint(
                fields=("department", "role", "locale"), name="one_group_per_department_role_locale"
            ),
            models.UniqueConstraint(
                fields=("department", "role"),
                condition=models.Q(locale=None),
                name="one_group_per_department_role",
            ),
        )

    def __str__(self) -> str:
        return f"{self.department.slug} {self.role}"

    @property
    def title(self) -> str:
        """Return the name of the role in the active language: “Editor”, “Translator (Italian)”."""
        role = ROLES_BY_KEY.get(self.role)
        label = capfirst(str(role.label) if role else self.role)
        return f"{label} ({self.locale.get_display_name()})" if self.locale else label

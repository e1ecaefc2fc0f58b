"""The base of shared snippets: all departments use them, and only the owner changes them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.validation.links import refuse_harmful_links

from .foreign_references import refuse_foreign_references


class OwnedByDepartment(models.Model):
    """A row owned by a department, or by the instance if `owner` is empty.

    When a department is retired, its rows stay and belong to the instance.
    """

    owner = models.ForeignKey(
        "cms_sites.Department",
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("All departments may use it; only people of the owner may change it. Empty: the whole instance."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        refuse_harmful_links(self)
        refuse_foreign_references(self, self.owner)

"""The glossaries of departments: a term and its translation, for each pair of languages."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from sites.models import Department
from sites.validation.incoming_text import refuse_control_characters

MAX_TERM_LENGTH = 200
MAX_NOTE_LENGTH = 500


class GlossaryTerm(models.Model):
    """A term in the language of the originals and the term that translations use for it.

    Forms of a term that are written with a slash, as in the names of professions, are alternatives.
    """

    wagtail_reference_index_ignore = True

    class Origin(models.TextChoices):
        HUMAN = "human", _("written here")
        IMPORTED = "imported", _("imported")
        PROFESSION = "label", _("name of a profession")

    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="glossary_terms"
    )
    source_locale = models.ForeignKey(
        Locale, verbose_name=_("source language"), on_delete=models.CASCADE, related_name="+"
    )
    target_locale = models.ForeignKey(
        Locale, verbose_name=_("language of the translation"), on_delete=models.CASCADE, related_name="+"
    )
    source = models.CharField(_("term"), max_length=MAX_TERM_LENGTH)
    target = models.CharField(_("translation of the term"), max_length=MAX_TERM_LENGTH)
    note = models.CharField(
        _("note"), max_length=MAX_NOTE_LENGTH, blank=True, help_text=_("For translators: when to use it, and when not.")
    )
    origin = models.CharField(_("origin"), max_length=8, choices=Origin.choices, default=Origin.HUMAN)

    class Meta:
        verbose_name = _("term of the glossary")
        verbose_name_plural = _("terms of the glossary")
        ordering = ("source", "target", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("department", "source_locale", "target_locale", "source", "target"),
                name="glossary_term_once",
                violation_error_message=_("The glossary has this term with this translation already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} – {self.target}"

    def clean(self) -> None:
        super().clean()
        for text in (self.source, self.target, self.note):
            refuse_control_characters(text)
        if self.source_locale_id and self.source_locale_id == self.target_locale_id:
            raise ValidationError({"target_locale": gettext("Choose two different languages.")})

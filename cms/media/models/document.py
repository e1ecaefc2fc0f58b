"""Documents that editors attach for download."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument


class CustomDocument(AbstractDocument):
    """A file for download, with its kind and the language it is written in."""

    class Kind(models.TextChoices):
        PRESS_RELEASE = "press_release", _("Press release")
        PROGRAMME = "programme", _("Programme")
        AGREEMENT = "agreement", _("Agreement")
        REPORT = "report", _("Report")
        FORM = "form", _("Form")
        OTHER = "other", _("Other")

    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices, default=Kind.OTHER)
    language = models.CharField(
        _("language"), max_length=20, blank=True, help_text=_("Language of the text, as a code: fr, en, it…")
    )

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    admin_form_fields = ("title", "file", "kind", "language", "collection", "tags")

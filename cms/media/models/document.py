"""Documents that editors attach for download."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.utils.file import hash_filelike

from cms.media.overrides.field_files import has_unsaved_content


class CustomDocument(AbstractDocument):
    """A file for download, with its kind and its language."""

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
        # Search extracts the text of any file with a given hash.
        indexes = (models.Index(fields=("file_hash",), name="document_by_hash"),)

    admin_form_fields = ("title", "file", "kind", "language", "collection", "tags")

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Wagtail sets the hash in its form only. Readers notice a replaced file by the hash, however it was saved.
        if has_unsaved_content(self.file):
            self.file.open()
            self.file_size, self.file_hash = self.file.size, hash_filelike(self.file)
            self.file.seek(0)
        super().save(*args, **kwargs)

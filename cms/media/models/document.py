"""Documents that editors attach for download."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.utils.file import hash_filelike

from cms.media.inspection.inspector import inspect_upload
from cms.media.overrides.field_files import has_unsaved_content
from cms.media.uploads.file_contents import validate_new_content
from cms.media.uploads.file_extensions import refuse_missing_extension
from cms.media.uploads.file_paths import UnguessablePath, new_token
from cms.media.uploads.storage_quota import refuse_beyond_quota, within_quota


class CustomDocument(AbstractDocument):
    """A file for download, with its kind and its language."""

    class Kind(models.TextChoices):
        PRESS_RELEASE = "press_release", _("Press release")
        PROGRAMME = "programme", _("Programme")
        AGREEMENT = "agreement", _("Agreement")
        REPORT = "report", _("Report")
        FORM = "form", _("Form")
        OTHER = "other", _("Other")

    # Wagtail's field, whose files are all in one folder.
    file = models.FileField(_("file"), upload_to=UnguessablePath("documents"))
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices, default=Kind.OTHER)
    language = models.CharField(
        _("language"), max_length=20, blank=True, help_text=_("Language of the text, as a code: fr, en, it…")
    )

    token = models.CharField(_("part of the address"), max_length=32, unique=True, editable=False, default=new_token)

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        # Search stores the extracted text of files by hash and looks documents up by it.
        indexes = (models.Index(fields=("file_hash",), name="document_by_hash"),)

    admin_form_fields = ("title", "file", "kind", "language", "collection", "tags")

    @property
    def url(self) -> str:
        """The URL of the file, with a random token: Wagtail's URL has the id, from which others can be guessed.

        A row without a file has a URL that answers 404, so that lists can show the row.
        """
        return reverse("wagtaildocs_serve", args=[self.token, self.filename or "-"])

    def is_stored_locally(self) -> bool:
        """Return True if the file has a path in the storage. False for a row without a file, so that its form opens."""
        return bool(self.file) and bool(super().is_stored_locally())

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Wagtail sets the hash only in its form. Search and documents recognise a replaced file by its hash.
        if has_unsaved_content(self.file):
            self.file.open()
            self.file_size, self.file_hash = self.file.size, hash_filelike(self.file)
            self.file.seek(0)
        with within_quota(self):
            super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.file:  # The multiple uploader sets the file after the form of its details is valid.
            try:
                refuse_missing_extension(self.file, settings.WAGTAILDOCS_EXTENSIONS)
            except ValidationError as error:
                raise ValidationError({"file": error}) from error
            super().clean()
        refuse_beyond_quota(self)
        validate_new_content(self.file)
        inspect_upload(self, "file", "document")

"""Documents that editors attach for download."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument


class CustomDocument(AbstractDocument):
    """A file for download, with the language it is written in."""

    language = models.CharField(
        _("language"), max_length=20, blank=True, help_text=_("Language of the text, as a code: fr, en, it…")
    )

    admin_form_fields = ("title", "file", "language", "collection", "tags")

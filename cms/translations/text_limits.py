"""The lengths of texts that translators write: that of the field on the page, and a maximum for all others."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.utils.translation import gettext as _
from wagtail_localize.models import TranslationSource

from sites.validation.links import validate_rich_text_link

from .exchange.inline_codes import plain_text

# wagtail-localize copies the HTML of this text to `draft_title`, which is as long as the field.
COPIED_AS_HTML = "title"
# The length of a link that replaces one of the original. Browsers and servers refuse longer URLs.
MAX_LINK_LENGTH = 2_000


def refuse_long_link(link: str) -> None:
    """Raise ValidationError for a link that is longer than MAX_LINK_LENGTH."""
    if len(link) > MAX_LINK_LENGTH:
        raise ValidationError(_("The link has more than %(number)s characters.") % {"number": MAX_LINK_LENGTH})


def refuse_link_of_translation(link: str) -> None:
    """Raise ValidationError for a link of a translation that the page itself would refuse."""
    refuse_long_link(link)
    validate_rich_text_link(link)


def text_length(path: str, html: str) -> int:
    """Return the number of characters that a field needs for a translated text, an HTML fragment."""
    return len(html if path == COPIED_AS_HTML else plain_text(html))


class FieldLimits:
    """The maximum lengths of the fields of a translated content.

    A part of a StreamField has none here: `inline_codes.MAX_TEXT_LENGTH` holds for each text, and the page is validated
    when it is saved.
    """

    def __init__(self, source: TranslationSource) -> None:
        self._model = ContentType.objects.get_for_id(source.specific_content_type_id).model_class()
        self._limits: dict[str, int | None] = {}

    def of(self, path: str) -> int | None:
        """Return the maximum number of characters of a field, None for one without a limit."""
        if path not in self._limits:
            try:
                field: Any = self._model._meta.get_field(path) if self._model is not None else None
            except FieldDoesNotExist:
                field = None
            self._limits[path] = getattr(field, "max_length", None)
        return self._limits[path]

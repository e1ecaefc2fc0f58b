"""Why translations cannot be brought in step with their original: what the update stores, and what people read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cms.translations.models import TranslationUpdate
from sites.validation.incoming_text import MAX_CHARACTERS

# Texts of one content. Screens and saving compare all of them; 400,000 characters of usual prose are some hundreds.
MAX_TEXTS = 2_000
# Codes of errors that only a change of the original can mend.
TOO_MANY_TEXTS, TOO_LONG = "too_many_texts", "too_long"


def refuse_more_texts(number: int, title: str) -> None:
    """Raise ValidationError if a content has more than MAX_TEXTS texts."""
    if number > MAX_TEXTS:
        message = _(
            "“%(title)s” has %(number)s texts. At most %(limit)s can be translated: divide it into several pages."
        )
        raise ValidationError(message % {"title": title, "number": number, "limit": MAX_TEXTS}, code=TOO_MANY_TEXTS)


def refuse_longer_content(characters: int, title: str) -> None:
    """Raise ValidationError if the JSON of a content has more than MAX_CHARACTERS characters."""
    if characters > MAX_CHARACTERS:
        message = _("“%(title)s” has more than %(number)s characters: divide it into several pages.")
        raise ValidationError(message % {"title": title, "number": MAX_CHARACTERS}, code=TOO_LONG)


def code_of(error: Exception) -> str:
    """Return the code of an error that a change of the original mends; "" for any other."""
    code = getattr(error, "code", "") if isinstance(error, ValidationError) else ""
    return str(code) if code in (TOO_MANY_TEXTS, TOO_LONG) else ""


def failed_updates(keys: Iterable[UUID] | Any) -> dict[UUID, str]:
    """Return the codes of the errors of contents whose translations cannot be updated, by translation key."""
    failed = TranslationUpdate.objects.filter(source__object__in=keys).exclude(error="").order_by("pk")
    return dict(failed.values_list("source__object", "code"))


def failure_message(code: str) -> str:
    """Return what keeps translations as they are, as a sentence, and what to do."""
    if code == TOO_MANY_TEXTS:
        message = _("The original has more than %(number)s texts, so that this translation stays as it was. Divide it.")
        return message % {"number": MAX_TEXTS}
    if code == TOO_LONG:
        message = _(
            "The original has more than %(number)s characters, so that this translation stays as it was. Divide it."
        )
        return message % {"number": MAX_CHARACTERS}
    return _("The last change of the original could not be taken over into this translation. It is tried again.")

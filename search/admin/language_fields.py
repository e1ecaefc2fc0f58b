"""Form fields and filters for a language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.coreutils import get_content_languages


def language_choices() -> list[tuple[str, str]]:
    """Return (code, name) of each language of the instance."""
    return list(get_content_languages().items())


def language_name(code: str) -> str:
    """Return the translated name of a language of the instance; the code of any other language."""
    return str(get_content_languages().get(code, code))


class LanguageField(forms.ChoiceField):
    """A choice among the languages of the instance."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Language"), choices=language_choices, **kwargs)


class LanguageFilter(ChoiceFilter):
    """A filter of rows by language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Language"), choices=language_choices, **kwargs)

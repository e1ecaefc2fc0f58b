"""Languages as choices of forms and filters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.coreutils import get_content_languages


def language_choices() -> list[tuple[str, str]]:
    """Return (code, name) of the languages of the instance; the default language comes first."""
    return list(get_content_languages().items())


def language_name(code: str) -> str:
    """Return what a language is called in the interface's language; the code of one that is not the instance's."""
    return str(get_content_languages().get(code, code))


class LanguageField(forms.ChoiceField):
    """One of the languages of the instance."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Language"), choices=language_choices, **kwargs)


class LanguageFilter(ChoiceFilter):
    """Rows of one language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Language"), choices=language_choices, **kwargs)

"""The form that makes a guest link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import Translation

from cms.translations.models.guest_link import MAX_NAME_LENGTH

from .link_changes import DEFAULT_DAYS, MAX_DAYS


class GuestLinkForm(forms.Form):
    """The guest of a link, the language of its screen, and the days for which it works."""

    guest_name = forms.CharField(
        label=_("Name of the guest"),
        max_length=MAX_NAME_LENGTH,
        help_text=_("It stands at the comments and in the history of the page."),
    )
    guest_email = forms.EmailField(
        label=_("Email address"), required=False, help_text=_("The link is sent there. It is optional.")
    )
    language = forms.ChoiceField(label=_("Language of the screen"))
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=MAX_DAYS, initial=DEFAULT_DAYS)

    def __init__(self, *args: Any, translation: Translation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = settings.WAGTAILADMIN_PERMITTED_LANGUAGES
        field: Any = self.fields["language"]
        field.choices = choices
        preferred = [translation.target_locale.language_code, translation.source.locale.language_code, "en"]
        field.initial = next((code for code in preferred if code in dict(choices)), None)

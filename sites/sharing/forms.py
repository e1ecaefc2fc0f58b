"""Forms of sharing: the proposal of a page, and the contact shown on the receiving department's site."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from sites.models import Department, Sharing

from .transitions import CONTACT_FIELDS


class ProposalForm(forms.Form):
    """The departments to which a page is proposed, and the kind of sharing."""

    kind = forms.ChoiceField(
        label=_("How"),
        choices=(
            (
                Sharing.Kind.CO_HOLDING,
                _("Invite to hold it together: it appears on both sites, each with its own contact"),
            ),
            (Sharing.Kind.OFFER, _("Offer it: taken as a live mirror, or as a copy that they edit")),
        ),
        widget=forms.RadioSelect,
        initial=Sharing.Kind.CO_HOLDING,
    )
    departments = forms.ModelMultipleChoiceField(
        label=_("Departments"),
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Those that have it or have not answered yet are not listed."),
    )
    to_all = forms.BooleanField(label=_("All departments of this list"), required=False)

    def __init__(self, *args: Any, page: Page, owner: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_states = (Sharing.State.PROPOSED, Sharing.State.ACCEPTED)
        open_sharings = Sharing.objects.filter(content_key=page.translation_key, owner=owner, state__in=open_states)
        self.choices = Department.objects.exclude(pk=owner.pk).exclude(pk__in=open_sharings.values("department"))
        cast(forms.ModelMultipleChoiceField, self.fields["departments"]).queryset = self.choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("to_all"):
            cleaned["departments"] = self.choices
        if not self.errors and not cleaned.get("departments"):
            raise ValidationError({"departments": _("Choose at least one department.")})
        return cleaned


class ContactForm(forms.ModelForm):
    """The contact that the receiving department's site shows."""

    class Meta:
        model = Sharing
        fields = CONTACT_FIELDS

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        is_named = cleaned.get("contact_name") or cleaned.get("contact_role")
        if is_named and not (cleaned.get("contact_email") or cleaned.get("contact_phone")):
            raise ValidationError({"contact_email": _("Give an e-mail address or a telephone number.")})
        return cleaned

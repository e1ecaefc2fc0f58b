"""The setting of the daily e-mail, among the notifications of the account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.account import BaseSettingsPanel, notifications_tab

from cms.translations.models import TranslationDigest
from sites.models import DepartmentGroup
from sites.roles import ROLES

WRITING_ROLES = tuple(role.key for role in ROLES if "change" in role.page_permissions)


class DigestForm(forms.ModelForm):
    """The form that switches the e-mail on or off. The instance may be one that is not stored yet."""

    class Meta:
        model = TranslationDigest
        fields = ("is_wanted",)

    def save(self, commit: bool = True) -> TranslationDigest:
        """Store the choice alone: the e-mail of the day may be sent meanwhile."""
        defaults = {"is_wanted": self.cleaned_data["is_wanted"]}
        return TranslationDigest.objects.update_or_create(user=self.instance.user, defaults=defaults)[0]


class DigestPanel(BaseSettingsPanel):
    """The panel, for accounts that write or approve pages in a department."""

    name = "translation-digest"
    title = _("Translations")
    tab = notifications_tab
    order = 150

    def is_active(self) -> bool:
        return DepartmentGroup.objects.filter(group__user=self.user.pk, role__in=WRITING_ROLES).exists()

    def get_form(self) -> DigestForm:
        stored = TranslationDigest.objects.filter(user=self.user.pk).first()
        data: Any = self.request.POST if self.request.method == "POST" else None
        return DigestForm(data, instance=stored or TranslationDigest(user=self.user), prefix=self.name)

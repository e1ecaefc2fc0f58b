"""The form that requests another e-mail address in the account screen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from cms.users.login.password_forms import report_wrong_password
from cms.users.session_state import is_identity_confirmed

from .address_changes import request_change


class EmailChangeForm(forms.Form):
    """The new address and the current password. Both are optional in the screen, which has other forms too."""

    email = forms.EmailField(label=_("New e-mail address"), max_length=150, required=False)
    current_password = forms.CharField(
        label=_("Current password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        required=False,
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        user: Any = self.request.user
        if cleaned.get("email") and not user.check_password(cleaned.get("current_password") or ""):
            report_wrong_password(self.request, user)
            raise ValidationError({"current_password": _("Enter your current password to change the address.")})
        if cleaned.get("email") and user.second_factor_key and not is_identity_confirmed(self.request):
            query = urlencode({"next": reverse("wagtailadmin_account")})
            url, text = f"{reverse('account_security_confirm')}?{query}", _("Confirm that it is you first.")
            raise ValidationError({"email": format_html('<a href="{}">{}</a>', url, text)})
        return cleaned

    def save(self) -> None:
        """Send the link, unless the address is the current one."""
        user: Any = self.request.user
        if self.cleaned_data["email"].lower() != user.email.lower():
            request_change(user, self.cleaned_data["email"])

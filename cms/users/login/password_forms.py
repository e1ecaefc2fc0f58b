"""The forms of the login and of a new password on the account screen."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.auth import LoginForm, PasswordChangeForm
from wagtail.admin.views.account import ChangePasswordPanel


class LabelledLoginForm(LoginForm):
    """Wagtail's form with a label of the password that is translated: Wagtail's is made from the field's name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = gettext_lazy("Password")


def report_wrong_password(request: HttpRequest, user: Any) -> None:
    """Report a wrong password of somebody who uses the session of the account, for the audit log."""
    credentials = {"username": user.get_username(), "password": "********"}
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)


class ReportingPasswordChangeForm(PasswordChangeForm):
    """Wagtail's form, which reports a wrong current password. The panel sets the request."""

    request: HttpRequest | None = None

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if self.request is not None and not self.user.check_password(password):
            report_wrong_password(self.request, self.user)
        return str(super().clean_old_password())


class ReportingPasswordPanel(ChangePasswordPanel):
    """Replaces the panel of Wagtail, which WAGTAIL_PASSWORD_MANAGEMENT_ENABLED switches off."""

    form_class = ReportingPasswordChangeForm

    def is_active(self) -> bool:
        return bool(self.user.has_usable_password())

    def get_form(self) -> ReportingPasswordChangeForm:
        form: ReportingPasswordChangeForm = super().get_form()
        form.request = self.request
        return form

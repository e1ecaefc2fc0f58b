"""Wagtail hooks of accounts: the change of the e-mail address, the second factors, and the end of sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.views.account import BaseSettingsPanel
from wagtail.admin.widgets import Button

from .email_change.address_changes import PREFIX
from .email_change.forms import EmailChangeForm
from .email_change.views import EmailChangeView
from .login.password_forms import ReportingPasswordPanel
from .second_factor.account_session_views import EndSessionsOfAccountView


class EmailChangePanel(BaseSettingsPanel):
    """Replaces the e-mail field of Wagtail, which changes the address at once (WAGTAIL_EMAIL_MANAGEMENT_ENABLED)."""

    name = PREFIX
    title = gettext_lazy("E-mail address")
    order = 150
    form_class = EmailChangeForm

    def is_active(self) -> bool:
        return bool(self.user.has_usable_password())

    def get_form(self) -> EmailChangeForm:
        # Bound only if there is an address: the other forms of the screen are saved without it.
        is_wanted = self.request.method == "POST" and self.request.POST.get(f"{self.name}-email")
        form = EmailChangeForm(self.request.POST if is_wanted else None, prefix=self.name, request=self.request)
        form.fields["email"].help_text = _(
            "Your address is %(address)s. It changes when you open the link that is sent to the new one."
        ) % {"address": self.user.email}
        return form


@hooks.register("register_account_settings_panel")
def email_change_panel(request: HttpRequest, user: Any, profile: Any) -> EmailChangePanel:
    return EmailChangePanel(request, user, profile)


@hooks.register("register_account_settings_panel")
def password_panel(request: HttpRequest, user: Any, profile: Any) -> ReportingPasswordPanel:
    return ReportingPasswordPanel(request, user, profile)


@hooks.register("register_admin_urls")
def urls_of_accounts() -> list[URLPattern]:
    return [
        path("account/email/<str:token>/", EmailChangeView.as_view(), name="email_change"),
        path("account-sessions/<int:user_id>/end/", EndSessionsOfAccountView.as_view(), name="account_sessions_end"),
    ]


@hooks.register("register_user_listing_buttons")
def end_sessions_button(user: Any, request_user: Any) -> Iterator[Button]:
    """Lead an administrator of the instance from the list of accounts to the end of a person's sessions."""
    if request_user.is_superuser:
        yield Button(
            _("End sessions"), reverse("account_sessions_end", args=[user.pk]), icon_name="logout", priority=25
        )


@hooks.register("register_account_menu_item")
def security_menu_item(request: HttpRequest) -> dict[str, Any]:
    """Lead from the account screen to the second factors."""
    return {
        "url": reverse("account_security"),
        "label": _("Login security"),
        "help_text": _("Authenticator apps, passkeys, recovery codes, single sign-on and sessions."),
    }

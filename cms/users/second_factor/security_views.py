"""Screens of the account: second factors, their verification, and a recent proof of identity before changes.

They also serve sessions that lack a step, and so look for the account in `account_of` instead of `request.user`.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages

from cms.encryption import InvalidToken, decrypt, encrypt
from cms.users.models import AuthenticatorApp, Passkey
from cms.users.session_state import (
    Step,
    account_of,
    confirm_identity,
    is_identity_confirmed,
    mark_verified,
    missing_step,
    requires_second_factor,
    requires_single_sign_on,
)
from cms.users.sessions.account_sessions import describe_sessions
from sites.rate_limits.limiter import consume, reset_attempts

from . import methods, passkey_server
from .signals import identity_confirmed, second_factors_changed

ENROLMENT_SECONDS = 30 * 60
RATE_LIMIT = "second_factor.account"


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        help_text=gettext_lazy("Six digits from your authenticator app, or a recovery code."),
        widget=forms.TextInput({"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class AppForm(forms.Form):
    """The name of an app, and a code as the proof that the app has the secret."""

    name = forms.CharField(
        label=gettext_lazy("Name of the device"), max_length=100, initial=gettext_lazy("Authenticator app")
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=10,
        help_text=gettext_lazy("The six digits that the app shows."),
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    secret = forms.CharField(widget=forms.HiddenInput)


class PasskeyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the device"), max_length=100, initial=gettext_lazy("Passkey"))
    credential = forms.CharField(widget=forms.HiddenInput)


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


def target_after(request: HttpRequest) -> str:
    """Return the URL that the person wanted to reach; the dashboard if it is on another host or missing."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("wagtailadmin_home")


@method_decorator([sensitive_post_parameters(), transaction.non_atomic_requests], name="dispatch")
class AccountSecurityView(View):
    """A screen for the account of the session, in the language of the account, that is never cached.

    Without a login it leads to the login. `steps` are the missing steps during which the screen answers. A screen that
    `is_counted` counts each form as an attempt, before the transaction of the request starts.
    """

    steps: frozenset[Step] = frozenset()
    is_counted = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.user: Any = account_of(request)
        if not self.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('wagtailadmin_login')}?{urlencode({'next': request.path})}")
        self.missing = missing_step(request, self.user)
        if self.missing is not None and self.missing not in self.steps:
            return self.lead_to(self.missing.value)
        if self.is_counted and request.method == "POST":
            consume(RATE_LIMIT, self.user.pk, request=request, account=self.user.get_username())
        with translation.override(self._language()), transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    def lead_to(self, name: str) -> HttpResponse:
        """Redirect to another screen of this module, which leads to the same target afterwards."""
        target = self.request.GET.get("next", "")
        return HttpResponseRedirect(reverse(name) + (f"?{urlencode({'next': target})}" if target else ""))

    def render(self, template: str, context: dict[str, Any]) -> HttpResponse:
        is_open = self.missing is None
        return render(
            self.request,
            template,
            {
                "base_template": "wagtailadmin/base.html" if is_open else "cms_users/step_base.html",
                "account": self.user,
                "next": target_after(self.request),
                "single_sign_on": settings.OIDC.get("name", ""),
                "is_open": is_open,
            }
            | context,
        )

    def _language(self) -> str:
        profile = getattr(self.user, "wagtail_userprofile", None)
        return (profile and profile.preferred_language) or settings.LANGUAGE_CODE


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ChangeView(AccountSecurityView):
    """A screen that changes second factors: it needs a recent proof of identity."""

    steps = frozenset((Step.ENROLMENT,))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        account = account_of(request)
        may_continue = account.is_authenticated and missing_step(request, account) in (None, *self.steps)
        if may_continue and not is_identity_confirmed(request):
            query = urlencode({"next": reverse("account_security")})
            return HttpResponseRedirect(f"{reverse('account_security_confirm')}?{query}")
        return super().dispatch(request, *args, **kwargs)

    def finish(self, change: str, codes: list[str]) -> HttpResponse:
        """Keep this session verified after a change, and show new recovery codes once."""
        self.user.refresh_from_db(fields=["second_factor_key"])
        mark_verified(self.request, self.user.second_factor_key)
        second_factors_changed.send(sender=type(self.user), request=self.request, user=self.user, change=change)
        if not codes:
            return redirect("account_security")
        self.missing = missing_step(self.request, self.user)
        return self.render("cms_users/recovery_codes.html", {"codes": codes, "base_template": STEP_BASE})


STEP_BASE = "cms_users/step_base.html"


class SecurityView(AccountSecurityView):
    """The second factors of the account. For a session that lacks enrolment it is the first screen."""

    steps = frozenset((Step.ENROLMENT,))

    def get(self, request: HttpRequest) -> HttpResponse:
        context = methods.describe(self.user) | {
            "is_required": requires_second_factor(self.user),
            "is_enrolment": self.missing is Step.ENROLMENT,
            "passkey_form": PasskeyForm(),
            "is_confirmed": is_identity_confirmed(request),
            "sessions": describe_sessions(self.user, request) if self.missing is None else [],
        }
        return self.render("cms_users/security.html", context)


class AddAppView(ChangeView):
    """Adds an authenticator app: shows a secret as a QR code, and stores it when the app has computed a code."""

    is_counted = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._render_secret(methods.new_secret())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AppForm(request.POST)
        try:
            owner, secret = decrypt(request.POST.get("secret", ""), "enrolment", ENROLMENT_SECONDS)
        except InvalidToken:
            owner, secret = None, ""
        if owner != self.user.pk:
            messages.error(request, _("The code has expired. Scan the new one."))
            return self._render_secret(methods.new_secret())
        if not form.is_valid():
            return self._render_secret(secret, form)
        step = methods.matching_step(secret, form.cleaned_data["code"])
        if step is None:
            form.add_error("code", _("The code is wrong. Check that the clock of your device is right."))
            return self._render_secret(secret, form)
        return self.finish("app_added", methods.add_app(self.user, form.cleaned_data["name"], secret, step))

    def _render_secret(self, secret: str, form: AppForm | None = None) -> HttpResponse:
        token = encrypt([self.user.pk, secret], "enrolment")
        form = form or AppForm(initial={"secret": token})
        context = {
            "form": form,
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "picture": methods.qr_code(methods.provisioning_uri(self.user, secret)),
        }
        return self.render("cms_users/add_app.html", context)


class PasskeyOptionsView(ChangeView):
    """Answers the browser's script with the options to create a passkey."""

    def post(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(passkey_server.begin_registration(request, self.user))


class AddPasskeyView(ChangeView):
    """Stores the passkey that the browser has created."""

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasskeyForm(request.POST)
        try:
            if not form.is_valid():
                raise passkey_server.InvalidPasskey
            name, credential = form.cleaned_data["name"], form.cleaned_data["credential"]
            codes = passkey_server.complete_registration(request, self.user, name, credential)
        except passkey_server.InvalidPasskey:
            messages.error(request, _("The passkey could not be added. Try again."))
            return redirect("account_security")
        return self.finish("passkey_added", codes)


class RecoveryCodesView(ChangeView):
    """Replaces the recovery codes and shows the new ones once."""

    steps = frozenset()

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.user.second_factor_key:
            raise Http404
        return self.finish("recovery_codes_replaced", methods.replace_recovery_codes(self.user))


class RemoveFactorView(ChangeView):
    """Removes one factor or identity of the account. The last factor stays while one is required."""

    steps = frozenset()
    MODELS: dict[str, type[AuthenticatorApp] | type[Passkey]] = {"app": AuthenticatorApp, "passkey": Passkey}

    def post(self, request: HttpRequest) -> HttpResponse:
        kind, key = request.POST.get("kind", ""), request.POST.get("id", "")
        if not (key.isascii() and key.isdecimal() and len(key) < 19):
            raise Http404
        if kind == "identity":
            return self._remove_identity(int(key))
        if kind not in self.MODELS:
            raise Http404
        keeps_one = requires_second_factor(self.user)
        try:
            is_removed = methods.remove_factor(self.user, self.MODELS[kind], int(key), keeps_one=keeps_one)
        except methods.LastFactorError:
            messages.error(request, _("A second factor is required: add another one before you remove this one."))
            return redirect("account_security")
        if not is_removed:
            raise Http404
        messages.success(request, _("The second factor is removed."))
        return self.finish(f"{kind}_removed", [])

    def _remove_identity(self, key: int) -> HttpResponse:
        if requires_single_sign_on(self.user) or not self.user.has_usable_password():
            messages.error(self.request, _("You need this connection to log in."))
            return redirect("account_security")
        if not self.user.singlesignonidentitys.filter(pk=key).delete()[0]:
            raise Http404
        second_factors_changed.send(
            sender=type(self.user), request=self.request, user=self.user, change="identity_removed"
        )
        return redirect("account_security")


class ChallengeView(AccountSecurityView):
    """Answers the browser's script with the options to use a passkey."""

    steps = frozenset((Step.SECOND_FACTOR,))

    def post(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(passkey_server.begin_verification(request, self.user))


class VerifyView(AccountSecurityView):
    """Asks for the second factor: after the login, and before a change."""

    is_counted = True
    steps = frozenset((Step.SECOND_FACTOR,))

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.user.second_factor_key:
            return self.lead_to("account_security")
        return self._render_form(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.user.second_factor_key:
            return self.lead_to("account_security")
        if answer := request.POST.get("credential"):
            return self._verify_passkey(answer)
        form = CodeForm(request.POST)
        if form.is_valid() and (method := methods.use_code(self.user, form.cleaned_data["code"])):
            return self._succeed(method)
        self._report_failure()
        if "code" not in form.errors:
            form.add_error("code", _("The code is wrong or has been used."))
        return self._render_form(form)

    def _verify_passkey(self, answer: str) -> HttpResponse:
        try:
            passkey_server.complete_verification(self.request, self.user, answer)
        except passkey_server.InvalidPasskey:
            self._report_failure()
            form = CodeForm({})
            form.errors.clear()
            form.add_error(None, _("The passkey was not accepted."))
            return self._render_form(form)
        return self._succeed("passkey")

    def _succeed(self, method: str) -> HttpResponse:
        reset_attempts(RATE_LIMIT, self.user.pk)
        mark_verified(self.request, self.user.second_factor_key)
        event: dict[str, Any] = {"sender": type(self.user), "request": self.request, "user": self.user}
        identity_confirmed.send(**event, method=method)
        if method == methods.RECOVERY_CODE:
            second_factors_changed.send(**event, change="recovery_code_used")
        return HttpResponseRedirect(target_after(self.request))

    def _report_failure(self) -> None:
        credentials = {"username": self.user.get_username(), "second_factor": "********"}
        user_login_failed.send(sender=__name__, credentials=credentials, request=self.request)

    def _render_form(self, form: CodeForm) -> HttpResponse:
        has_passkey = bool(passkey_server.passkeys_here(self.request, self.user))
        return self.render(
            "cms_users/verify.html", {"form": form, "has_passkey": has_passkey, "base_template": STEP_BASE}
        )


class ConfirmView(AccountSecurityView):
    """Asks for the password before a change, or for the second factor of an account that has one."""

    is_counted = True
    steps = frozenset((Step.ENROLMENT,))

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.user.second_factor_key:
            return self.lead_to("account_security_verify")
        return self._render_form(PasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.user.second_factor_key:
            return self.lead_to("account_security_verify")
        form = PasswordForm(request.POST)
        if form.is_valid() and self.user.check_password(form.cleaned_data["password"]):
            reset_attempts(RATE_LIMIT, self.user.pk)
            request.session.cycle_key()
            confirm_identity(request)
            identity_confirmed.send(sender=type(self.user), request=request, user=self.user, method="password")
            return HttpResponseRedirect(target_after(request))
        credentials = {"username": self.user.get_username(), "password": "********"}
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        form.add_error("password", _("The password is wrong."))
        return self._render_form(form)

    def _render_form(self, form: PasswordForm) -> HttpResponse:
        context = {"form": form, "has_password": self.user.has_usable_password(), "base_template": STEP_BASE}
        return self.render("cms_users/confirm.html", context)


class LeaveView(AccountSecurityView):
    """Logs out from a session that lacks a step; Wagtail's view asks for a complete login."""

    steps = frozenset(Step)

    def post(self, request: HttpRequest) -> HttpResponse:
        request.user = self.user  # Receivers of `user_logged_out` get the account.
        logout(request)
        return redirect("wagtailadmin_login")

"""Views of the login through the OpenID provider. Calls to the provider are made outside transactions."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages

from cms.users.second_factor.security_views import STEP_BASE, AccountSecurityView, target_after
from cms.users.second_factor.signals import second_factors_changed
from cms.users.session_state import (
    BY_PROVIDER,
    MARK,
    SINGLE_SIGN_ON_BACKEND,
    Step,
    account_of,
    mark_verified,
    missing_step,
)
from sites.audit_log.recording import Action, record, record_for_account
from sites.members import membership
from sites.members.invitation_cookie import delete_token_cookie, stored_token_hash
from sites.rate_limits.limiter import consume_for_client

from . import matching, provider
from .provider import SignOnFailed, VerifiedPerson

TARGET = "single_sign_on_next"
PERSON = "single_sign_on_person"
PERSON_SECONDS = 15 * 60


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SignOnView(View):
    """A view that exists while the settings name a provider; its responses are never cached.

    Its requests are limited per client, since each failure adds an entry to the audit log, also with GET.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not provider.is_configured():
            raise Http404
        consume_for_client("sign_on.client", request, is_own=provider.is_awaited(request))
        with translation.override(settings.LANGUAGE_CODE):
            response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    def fail(self, message: str, reason: str, account: Any = None) -> HttpResponse:
        """Record the refusal, and show a message on the screen of the account, or on the login.

        `account` is the one that the identity belongs to; otherwise it is the one of the session.
        """
        details: dict[str, Any] = {"request": self.request, "is_refusal": True, "reason": reason}
        concerned = account or account_of(self.request)
        if concerned.is_authenticated:
            record_for_account(Action.LOGIN_FAILED, concerned, method="single_sign_on", **details)
        else:
            record(Action.LOGIN_FAILED, method="single_sign_on", **details)
        messages.error(self.request, message)
        return redirect("account_security" if account_of(self.request).is_authenticated else "wagtailadmin_login")


class StartView(SignOnView):
    """Leads to the provider.

    POST, because it writes in the session. The response is a page that leads on: the Content-Security-Policy does not
    allow forms to lead to another host.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            url = provider.begin(request, log_in_again=account_of(request).is_authenticated)
        except SignOnFailed as failure:
            return self.fail(_("The login service does not answer. Try again later."), failure.reason)
        target = request.POST.get("next", "")
        if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            request.session[TARGET] = target
        context = {"url": url, "provider": settings.OIDC["name"]}
        return render(request, "cms_users/single_sign_on_redirect.html", context)


class ReturnView(SignOnView):
    """Receives the person from the provider: logs in, connects the account of the session, or shows the invitation."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            person = provider.complete(request, logged_in_again=account_of(request).is_authenticated)
        except SignOnFailed as failure:
            return self.fail(_("The login was not completed."), failure.reason)
        with transaction.atomic():
            return self._receive(person)

    def _receive(self, person: VerifiedPerson) -> HttpResponse:
        request, account = self.request, account_of(self.request)
        user: Any = matching.account_of_identity(request, person)
        if user is None and account.is_authenticated:
            # With a password alone nobody connects an account that has a second factor.
            if missing_step(request, account) is Step.SECOND_FACTOR:
                return redirect(Step.SECOND_FACTOR.value)
            try:
                matching.connect(account, person)
            except PermissionDenied:
                return self.fail(
                    _("This identity cannot be connected: its confirmed address must be the one of your account."),
                    "other_address",
                )
            second_factors_changed.send(sender=type(account), request=request, user=account, change="identity_added")
            user = matching.account_of_identity(request, person)
        if user is not None:
            return self._log_in(user, person)
        if matching.open_invitation_for(person, stored_token_hash(request)) is None:
            closed = matching.closed_account_of(person)
            return self.fail(
                _("No account is connected to this identity, and there is no invitation to its address."),
                "no_invitation" if closed is None else "account_closed",
                closed,
            )
        request.session[PERSON] = asdict(person) | {"at": time.time()}
        return redirect("single_sign_on_accept")

    def _log_in(self, user: Any, person: VerifiedPerson) -> HttpResponse:
        request = self.request
        target = request.session.pop(TARGET, reverse("wagtailadmin_home"))
        log_in_person(request, user, person)
        user.singlesignonidentitys.filter(issuer=person.issuer).update(last_used_at=timezone.now())
        return HttpResponseRedirect(target)


def log_in_person(request: HttpRequest, user: Any, person: VerifiedPerson) -> None:
    """Log in to the account. A second factor at the provider counts; one that the session has passed stays valid."""
    account = account_of(request)
    mark = request.session.get(MARK, "") if account.is_authenticated and account.pk == user.pk else ""
    login(request, user, backend=SINGLE_SIGN_ON_BACKEND)
    mark_verified(request, BY_PROVIDER if person.has_second_factor else mark)


class AcceptView(SignOnView):
    """Shows the invitation to the confirmed address and, with POST, creates the account that takes its roles."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        person, invitation = self._find()
        context = {
            "invitation": invitation,
            "person": person,
            "roles": membership.role_titles(invitation.groups.select_related("department_group__locale")),
            "base_template": STEP_BASE,
        }
        return render(request, "cms_users/single_sign_on_accept.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        person, invitation = self._find()
        try:
            with transaction.atomic():
                user = matching.accept(person, invitation)
        except PermissionDenied:
            return self.fail(
                _("Your address has an account already: log in to it, and connect it under “Login security”."),
                "account_exists",
            )
        request.session.pop(PERSON, None)
        with transaction.atomic():
            log_in_person(request, user, person)
        response = redirect("wagtailadmin_home")
        delete_token_cookie(response)
        return response

    def _find(self) -> tuple[VerifiedPerson, Any]:
        """Return the person and the invitation. Raise Http404 if one of them is missing or has expired."""
        stored = dict(self.request.session.get(PERSON) or {})
        if not stored or time.time() - stored.pop("at") > PERSON_SECONDS:
            raise Http404
        person = VerifiedPerson(**stored)
        invitation = matching.open_invitation_for(person, stored_token_hash(self.request))
        if invitation is None:
            raise Http404
        return person, invitation


class RequiredView(AccountSecurityView):
    """Tells a member who logged in with a password that the department requires single sign-on."""

    steps = frozenset((Step.SINGLE_SIGN_ON,))

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.missing is None:
            return HttpResponseRedirect(target_after(request))
        return self.render("cms_users/single_sign_on_required.html", {"base_template": STEP_BASE})

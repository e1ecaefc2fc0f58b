"""Views in which an invited person accepts the roles; open without a login, since they may have no account yet."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin import messages
from wagtail.users.models import UserProfile

from sites.access.current_department import set_current_department
from sites.models import Invitation
from sites.models.invitation import hash_token

from . import membership
from .forms import NewAccountForm
from .invitation_cookie import delete_token_cookie, store_token_hash, stored_token_hash

PASSWORD_BACKEND = "sites.access.auth_backend.CapabilityBackend"  # noqa: S105 (a dotted path)


class PrivateResponseView(View):
    """A view whose responses are not cached and whose URL is not sent to other sites as the referrer."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        # With `no-referrer` browsers send no origin either, and Django's CSRF check refuses the form.
        response.headers["Referrer-Policy"] = "same-origin"
        return response


class InvitationLinkView(PrivateResponseView):
    """Stores the hash of the token in a signed cookie and redirects to a URL without the token.

    So no page and no log line contains the token; Django's password reset does the same. A wrong link is answered at
    once. Nothing is written to the database.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if membership.open_invitation(hash_token(token)) is None:
            return render(request, "cms_sites/invitations/closed.html", status=404)
        response = HttpResponseRedirect(reverse("invitation"))
        store_token_hash(request, response, hash_token(token))
        return response


@method_decorator(sensitive_post_parameters(), name="dispatch")
class AcceptInvitationView(PrivateResponseView):
    """Shows the invitation and accepts it for a new account or for the account that is logged in.

    An anonymous visitor gets the same page whether the invited e-mail address has an account or not.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with translation.override(self._language()):
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._render_invitation() if self.invitation else self._render_closed()

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.invitation is None:
            return self._render_closed()
        user: Any = request.user
        if not user.is_authenticated:
            if self.invitation.department.requires_single_sign_on:
                return self._render_invitation()
            form = NewAccountForm(request.POST, invitation=self.invitation)
            if not form.is_valid():
                return self._render_invitation(form)
            try:
                with transaction.atomic():  # No account is left over when the invitation is no longer open.
                    user = form.save()
                    membership.accept_invitation(self.invitation, user)
                    profile = UserProfile.get_for_user(user)
                    profile.preferred_language = self._language()
                    profile.save(update_fields=["preferred_language"])
            except ValidationError as refusal:
                form.add_error(None, refusal)
                return self._render_invitation(form)
            except PermissionDenied:
                return self._render_closed()
            login(request, user, backend=PASSWORD_BACKEND)
        else:
            try:
                membership.accept_invitation(self.invitation, user)
            except PermissionDenied:
                return self._render_invitation()
        set_current_department(request, self.invitation.department)
        welcome = _("Welcome to %(department)s.") % {"department": self.invitation.department.name}
        messages.success(request, welcome)
        response = HttpResponseRedirect(reverse("wagtailadmin_home"))
        delete_token_cookie(response)
        return response

    @cached_property
    def invitation(self) -> Invitation | None:
        return membership.open_invitation(stored_token_hash(self.request))

    def _language(self) -> str:
        return membership.language_of(self.invitation) if self.invitation else settings.LANGUAGE_CODE

    def _render_invitation(self, form: NewAccountForm | None = None) -> HttpResponse:
        invitation, user = self.invitation, self.request.user
        assert invitation is not None  # noqa: S101 (for the type checker: the callers have checked it)
        context = {
            "invitation": invitation,
            "roles": membership.role_titles(invitation.groups.select_related("department_group__locale")),
            "form": form or NewAccountForm(invitation=invitation),
            "is_invited": user.is_authenticated and user.email.lower() == invitation.email and not user.is_superuser,
            "single_sign_on": settings.OIDC.get("name", ""),
            "has_passwords": not invitation.department.requires_single_sign_on,
            "login_url": f"{reverse('wagtailadmin_login')}?next={reverse('invitation')}",
        }
        return render(self.request, "cms_sites/invitations/accept.html", context)

    def _render_closed(self) -> HttpResponse:
        return render(self.request, "cms_sites/invitations/closed.html", status=404)

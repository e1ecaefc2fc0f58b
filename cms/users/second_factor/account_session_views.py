"""Screens that end sessions: of the own account, and of any account for administrators of the instance."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views import View
from wagtail.admin import messages

from cms.users.sessions.account_sessions import active_sessions, end_session, end_sessions

from .security_views import ChangeView

OTHERS = "others"


class EndSessionsView(ChangeView):
    """Ends one session of the account, or all others. It needs a recent proof of identity."""

    steps = frozenset()

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = request.POST.get("session", "")
        if chosen == OTHERS:
            number = end_sessions(self.user, except_key=request.session.session_key, request=request)
        elif end_session(self.user, chosen, request):
            number = 1
        else:
            raise Http404
        messages.success(request, _number_of_ended(number))
        return redirect("account_security")


class EndSessionsOfAccountView(View):
    """Asks whether all sessions of an account shall end, and ends them; for administrators of the instance."""

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_superuser:
            raise PermissionDenied
        self.account: Any = get_object_or_404(get_user_model(), pk=kwargs["user_id"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, user_id: int) -> HttpResponse:
        context = {"account": self.account, "number": len(active_sessions(self.account))}
        return render(request, "cms_users/end_sessions.html", context)

    def post(self, request: HttpRequest, user_id: int) -> HttpResponse:
        own = request.session.session_key if self.account == request.user else None
        messages.success(request, _number_of_ended(end_sessions(self.account, except_key=own, request=request)))
        return redirect("wagtailusers_users:index")


def _number_of_ended(number: int) -> str:
    return ngettext("%(number)s session is ended.", "%(number)s sessions are ended.", number) % {"number": number}

"""The screen that a confirmation link of an e-mail address opens."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.admin import messages

from .address_changes import confirm_change, requested_address


class EmailChangeView(View):
    """Asks for a confirmation and changes the address of the account that is logged in, which asked for the link.

    For another account, an expired link and a used one, it shows the same page with status 404.
    """

    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        # With `no-referrer` browsers send no origin either, and Django's CSRF check refuses the form.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        address = requested_address(request.user, token)
        status = 200 if address else 404
        return render(request, "cms_users/email_change/confirm.html", {"address": address}, status=status)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        address = requested_address(request.user, token)
        if address is None or not confirm_change(request.user, address):
            return render(request, "cms_users/email_change/confirm.html", {"address": None}, status=404)
        request.session.cycle_key()
        messages.success(request, _("Your e-mail address is now %(address)s.") % {"address": address})
        return HttpResponseRedirect(reverse("wagtailadmin_account"))

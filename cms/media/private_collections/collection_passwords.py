"""Admission of readers to private collections by a shared password. A changed password ends earlier admissions."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare, salted_hmac
from wagtail.documents.views.serve import authenticate_with_password as wagtail_view
from wagtail.forms import PasswordViewRestrictionForm
from wagtail.models import CollectionViewRestriction

# Key of the session: the digest of the password that the reader entered, by id of the restriction.
SESSION_KEY = "collection_password_digests"


def authenticate_with_password(request: HttpRequest, restriction_id: int) -> HttpResponseBase:
    """Admit the reader who posts the password: call Wagtail's view, and store which password was right.

    Wagtail stores only that a password was right, so a changed password would not end the admission.
    """
    response: HttpResponseBase = wagtail_view(request, restriction_id)
    if request.method == "POST" and response.status_code == 302:
        restriction = get_object_or_404(CollectionViewRestriction, pk=restriction_id)
        digests = request.session.get(SESSION_KEY, {})
        request.session[SESSION_KEY] = digests | {str(restriction.pk): _digest(restriction)}
    return response


def accepts(restriction: CollectionViewRestriction, request: HttpRequest) -> bool:
    """Return True if the restriction admits the sender of the request, with the password that it has now."""
    if not hasattr(request, "session") or not restriction.accept_request(request):
        return False
    if restriction.restriction_type != CollectionViewRestriction.PASSWORD:
        return True
    known = request.session.get(SESSION_KEY, {}).get(str(restriction.pk), "")
    return constant_time_compare(known, _digest(restriction))


def password_form(restriction: CollectionViewRestriction, request: HttpRequest) -> TemplateResponse:
    """Return the page that asks for the password of a private collection."""
    form = PasswordViewRestrictionForm(instance=restriction, initial={"return_url": request.get_full_path()})
    action_url = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
    response = TemplateResponse(request, "wagtaildocs/password_required.html", {"form": form, "action_url": action_url})
    add_never_cache_headers(response)
    return response


def _digest(restriction: CollectionViewRestriction) -> str:
    value = f"{restriction.pk}:{restriction.password}"
    return salted_hmac(SESSION_KEY, value, algorithm="sha256").hexdigest()
